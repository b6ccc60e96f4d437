// The words of the wall display.
import { catalogue } from "../../lib/i18n";

export const words = catalogue({
  fr: {
    history: "Appels précédents",
    counter: "Guichet {name}",
    counter_unknown: "Voir l'agent",
    no_call: "Aucun appel en cours",
    waiting: { one: "{n} attend", other: "{n} attendent" },
    again: "Rappel",
    sound_locked: "Son coupé : appuyez sur OK pour l'activer",
    stale: "Données de {at}",
    ask: "Adressez-vous au guichet",
    lost: "Écran hors ligne : suivez l'appel des agents",
    closed: "fermé",
  },
  en: {
    history: "Earlier calls",
    counter: "Counter {name}",
    counter_unknown: "See the agent",
    no_call: "No call at the moment",
    waiting: { one: "{n} waiting", other: "{n} waiting" },
    again: "Second call",
    sound_locked: "Sound is off: press OK to enable it",
    stale: "Data of {at}",
    ask: "Please ask at the counter",
    lost: "Screen offline: listen for the agents",
    closed: "closed",
  },
  ar: {
    history: "النداءات السابقة",
    counter: "شباك {name}",
    counter_unknown: "راجع الموظف",
    no_call: "لا نداء الآن",
    waiting: { zero: "لا أحد", one: "شخص واحد", two: "شخصان", few: "{n} أشخاص", many: "{n} شخصًا", other: "{n} شخص" },
    again: "نداء ثانٍ",
    sound_locked: "الصوت متوقف: اضغط OK لتشغيله",
    stale: "بيانات الساعة {at}",
    ask: "اسأل في الشباك",
    lost: "الشاشة غير متصلة: اتبع نداء الموظفين",
    closed: "مغلق",
  },
});
