/** Prices, places, times and steps. */

export const en = {
  ordinal: "{number}",
  seconds: "{seconds} s",
  minutesSeconds: "{minutes} min {seconds} s",
  minutes: "{minutes} min",
  hoursMinutes: "{hours} h {minutes} min",
  drawing: "Drawing",
  sentTo: "Sent to {title}",
  receiving: "Receiving",
  saving: "Saving",
  starting: "Starting",
};

export const ko = {
  ordinal: "{number}번째",
  seconds: "{seconds}초",
  minutesSeconds: "{minutes}분 {seconds}초",
  minutes: "{minutes}분",
  hoursMinutes: "{hours}시간 {minutes}분",
  drawing: "그리는 중",
  sentTo: "{title}에 요청함",
  receiving: "받는 중",
  saving: "저장 중",
  starting: "시작하는 중",
};
