/** Words of the dialog in which a provider gets its key. */

export const en = {
  title: "Provider keys",
  why: "A key lets this studio make pictures with the provider's models, on your account there. It is tested with a call that costs nothing, kept on this computer in a file that only you can read, and never shown again.",
  whereGemini: "Google AI Studio gives keys under “Get API key”.",
  whereOpenai: "OpenAI's platform gives keys under “API keys”.",
  label: "{title} key",
  paste: "Paste the key",
  save: "Test and save",
  testing: "Testing …",
  saved: "{title} is ready.",
  kept: "A key is saved.",
  fixed: "{setting} is set in the environment, which comes first.",
  remove: "Remove",
  removed: "The key of {title} is removed.",
  none: "The settings of this server switch on no provider that takes a key.",
  open: "Keys",
};

export const ko = {
  title: "제공자 키",
  why: "키를 넣으면 제공자의 모델로 이미지를 만들 수 있습니다. 비용은 해당 계정에 청구됩니다. 키는 무료 호출로 확인한 뒤 이 컴퓨터에서 본인만 읽을 수 있는 파일에 보관하며, 다시 표시하지 않습니다.",
  whereGemini: "키는 Google AI Studio의 “Get API key”에서 받을 수 있습니다.",
  whereOpenai: "키는 OpenAI 플랫폼의 “API keys”에서 받을 수 있습니다.",
  label: "{title} 키",
  paste: "키를 붙여 넣으세요",
  save: "확인 후 저장",
  testing: "확인하는 중 …",
  saved: "{title}을(를) 사용할 수 있습니다.",
  kept: "키가 저장되어 있습니다.",
  fixed: "환경 변수 {setting}이(가) 설정되어 있어 우선합니다.",
  remove: "삭제",
  removed: "{title} 키를 삭제했습니다.",
  none: "이 서버의 설정에는 키를 쓰는 제공자가 없습니다.",
  open: "키",
};
