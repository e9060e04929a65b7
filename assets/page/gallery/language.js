/** The gallery's words. */

import { speak, t } from "../studio/i18n.js";
import * as words from "../words/gallery.js";

speak("gallery", words);

export { t };
