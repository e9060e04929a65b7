/** Words that several areas of the page use. */

export const en = {
  ownPicture: "Your picture",
  images: { one: "{count} image", other: "{count} images" },
  free: "free",
  unknownPrice: "price unknown",
  cancel: "Cancel",
  close: "Close",
  retry: "Retry",
  dismiss: "Dismiss",
  undo: "Undo",
  remix: "Remix",
  download: "Download",
  delete: "Delete",
  copy: "Copy",
  copied: "Copied",
  useAsReference: "Use as reference",
  removeBackground: "Remove background",
};

export const ko = {
  ownPicture: "직접 올린 사진",
  images: { other: "이미지 {count}개" },
  free: "무료",
  unknownPrice: "가격 미확인",
  cancel: "취소",
  close: "닫기",
  retry: "다시 시도",
  dismiss: "숨기기",
  undo: "실행 취소",
  remix: "리믹스",
  download: "다운로드",
  delete: "삭제",
  copy: "복사",
  copied: "복사했습니다",
  useAsReference: "참조로 사용",
  removeBackground: "배경 제거",
};
