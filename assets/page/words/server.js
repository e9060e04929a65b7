/** What the page says where the server says nothing. */

export const en = {
  unreachable: "The server cannot be reached. Nothing is lost: try again in a moment.",
  answered: "The server answered {status}.",
};

export const ko = {
  unreachable: "서버에 연결할 수 없습니다. 사라진 것은 없으니 잠시 뒤 다시 시도해 주세요.",
  answered: "서버가 {status}(으)로 답했습니다.",
};
