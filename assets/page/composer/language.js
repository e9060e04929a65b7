/** The composer's words. */

import { speak, t } from "../studio/i18n.js";
import * as words from "../words/composer.js";

speak("composer", words);

export { t };
