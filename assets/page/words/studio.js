/** Words of the header and of the lines of notice. */

export const en = {
  studio: "Studio",
  search: "Search",
  connectionLost: "Connection lost. What you typed is kept; the page catches up by itself.",
  themeSystem: "Theme: system",
  themeLight: "Theme: light",
  themeDark: "Theme: dark",
  language: "Language: {language}",
  languages: "Language",
  keys: "Provider keys",
  shortcuts: "Keyboard shortcuts",
};

export const ko = {
  studio: "스튜디오",
  search: "검색",
  connectionLost: "연결이 끊어졌습니다. 입력한 내용은 그대로이며, 다시 연결되면 자동으로 따라잡습니다.",
  themeSystem: "테마: 시스템",
  themeLight: "테마: 밝게",
  themeDark: "테마: 어둡게",
  language: "언어: {language}",
  languages: "언어",
  keys: "제공자 키",
  shortcuts: "키보드 단축키",
};
