// SPDX-License-Identifier: Apache-2.0
#include "tests/core/reply_corpus.h"

#include <functional>

namespace telavis::test {
namespace {

using Kind = ReplyReading::Kind;

struct Written {
  const char* name;
  const char* text;
  Kind kind;
  bool urgent;
  const char* conclusion;
  const char* conduct;
  const char* delay;
  const char* other;  // question or reason
};

// What doctors write, without the mail program's part; a signature may be there.
const std::vector<Written>& texts() {
  static const std::vector<Written> all = {
      {"plain", "AVIS: Fibrillation atriale.\nCONDUITE: Anticoaguler.\nDELAI: 15 jours",
       Kind::opinion, false, "Fibrillation atriale.", "Anticoaguler.", "15 jours", ""},
      {"accents",
       "Avis : Tracé normal, repolarisation précoce.\nConduite : Pas d'exploration.\nDélai : sans",
       Kind::opinion, false, "Tracé normal, repolarisation précoce.", "Pas d'exploration.", "sans",
       ""},
      {"lower_case",
       "avis: flutter typique\nconduite: anticoaguler et m'adresser\ndelai: 3 semaines",
       Kind::opinion, false, "flutter typique", "anticoaguler et m'adresser", "3 semaines", ""},
      {"only_opinion", "AVIS : BAV 1, PR à 240 ms, bénin.", Kind::opinion, false,
       "BAV 1, PR à 240 ms, bénin.", "", "", ""},
      {"several_lines",
       "Cher confrère,\n\nMerci pour ce dossier.\n\nAVIS : FA à réponse ventriculaire rapide.\n"
       "Pas d'argument pour une ischémie.\n\nQTc normal.\n\nCONDUITE : \n- apixaban 5 mg x 2\n"
       "- bisoprolol 2,5 mg\n- échographie\n\nDELAI : 1 mois",
       Kind::opinion, false,
       "FA à réponse ventriculaire rapide.\nPas d'argument pour une ischémie.\n\nQTc normal.",
       "- apixaban 5 mg x 2\n- bisoprolol 2,5 mg\n- échographie", "1 mois", ""},
      {"signed",
       "Bonjour,\n\nAVIS: Extrasystoles ventriculaires monomorphes.\nCONDUITE: Holter 24 h, "
       "échographie.\nDELAI: 2 mois\n\nBien confraternellement,\n\nDr Paul MARTIN\nCardiologue\n"
       "Clinique Saint-Exemple\n12 rue des Tests, 44000 Nantes\nTél : 02 40 00 00 01",
       Kind::opinion, false, "Extrasystoles ventriculaires monomorphes.",
       "Holter 24 h, échographie.", "2 mois", ""},
      {"signed_short", "AVIS : normal pour l'âge\nDELAI : aucun\n\nCordialement\nP. Martin",
       Kind::opinion, false, "normal pour l'âge", "", "aucun", ""},
      {"signed_without_closing",
       "AVIS : nævus banal, pas de critère de malignité\nCONDUITE : surveillance photographique\n\n"
       "Dr Paul Martin\nCardiologue",
       Kind::opinion, false, "nævus banal, pas de critère de malignité",
       "surveillance photographique", "", ""},
      {"signed_delimiter",
       "AVIS : kératose séborrhéique\nCONDUITE : rien\n\n-- \nPaul Martin\nCardiologue, Nantes",
       Kind::opinion, false, "kératose séborrhéique", "rien", "", ""},
      {"hospital",
       "AVIS: FA\nCONDUITE: Eliquis 5mg x 2/j, revoir dans 3 mois\nDELAI: 3 mois\n\nDocteur Paul "
       "MARTIN\nRythmologue\nHôpital privé du Test\nPôle "
       "Cardio-vasculaire\nhttps://www.hopital.test\n"
       "RPPS 10001234565",
       Kind::opinion, false, "FA", "Eliquis 5mg x 2/j, revoir dans 3 mois", "3 mois", ""},
      {"initials", "AVIS: ok pour moi, tracé normal.\n\nBien confraternellement.\nPM",
       Kind::opinion, false, "ok pour moi, tracé normal.", "", "", ""},
      {"friend",
       "Bonjour cher ami\nAVIS: bloc droit incomplet.\nPas de contre-indication au sport.\n"
       "Amitiés\nPaul",
       Kind::opinion, false, "bloc droit incomplet.\nPas de contre-indication au sport.", "", "",
       ""},
      {"no_spaces", "AVIS:FA\nCONDUITE:AOD\nDELAI:1mois", Kind::opinion, false, "FA", "AOD",
       "1mois", ""},
      {"urgent_signed", "URGENT : STEMI -> SAMU 15\nDr Martin", Kind::opinion, true,
       "STEMI -> SAMU 15", "", "", ""},
      {"thanks_inside", "AVIS : FA.\n\nMerci\n\nArrêter l'amiodarone", Kind::opinion, false,
       "FA.\n\nMerci\n\nArrêter l'amiodarone", "", "", ""},
      {"accept_ok", "ok j'accepte", Kind::accept, false, "", "", "", ""},
      {"decline_dash", "REFUSE - vacances", Kind::decline, false, "", "", "", "vacances"},
      {"confidential",
       "AVIS : carcinome basocellulaire probable\nCONDUITE : exérèse\nDELAI : 6 semaines\n\n"
       "Cordialement,\nDr Martin\n\nCe message et ses pièces jointes sont confidentiels et "
       "destinés "
       "exclusivement\nà leur destinataire. S'il vous est parvenu par erreur, détruisez-le.",
       Kind::opinion, false, "carcinome basocellulaire probable", "exérèse", "6 semaines", ""},
      {"urgent", "URGENT: sus-décalage antérieur, appeler le 15 immédiatement", Kind::opinion, true,
       "sus-décalage antérieur, appeler le 15 immédiatement", "", "", ""},
      {"urgent_yes", "AVIS : BAV 3\nURGENT : oui\nCONDUITE : appeler le 15", Kind::opinion, true,
       "BAV 3", "appeler le 15", "", ""},
      {"urgent_no", "AVIS : ESA isolées\nURGENT : non\nCONDUITE : rien", Kind::opinion, false,
       "ESA isolées", "rien", "", ""},
      {"urgent_words", "AVIS : TV\nURGENT : SAMU\nCONDUITE : ne pas laisser seul", Kind::opinion,
       true, "TV", "SAMU\nne pas laisser seul", "", ""},
      {"urgent_bare", "URGENT !\nAVIS : syndrome de Lyell débutant\nCONDUITE : 15", Kind::opinion,
       true, "syndrome de Lyell débutant", "15", "", ""},
      {"urgent_opinion", "AVIS URGENT : mélanome épais\nCONDUITE : exérèse large\nDELAI : 8 jours",
       Kind::opinion, true, "mélanome épais", "exérèse large", "8 jours", ""},
      {"capitals", "AVIS - TRACE NORMAL\nCONDUITE - RAS\nDELAI - SANS", Kind::opinion, false,
       "TRACE NORMAL", "RAS", "SANS", ""},
      {"bold", "*AVIS :* FA paroxystique\n*CONDUITE :* AOD\n*DÉLAI :* sous 15 jours", Kind::opinion,
       false, "FA paroxystique", "AOD", "sous 15 jours", ""},
      {"bullets", "- AVIS : lentigo\n- CONDUITE : rien\n- DELAI : non", Kind::opinion, false,
       "lentigo", "rien", "non", ""},
      {"numbered",
       "1. AVIS : psoriasis\n2. CONDUITE : dermocorticoïdes 4 semaines\n3) DELAI : sans",
       Kind::opinion, false, "psoriasis", "dermocorticoïdes 4 semaines", "sans", ""},
      {"headings",
       "AVIS\nBloc de branche gauche ancien.\n\nCONDUITE\nÉchographie.\n\nDELAI\n3 mois",
       Kind::opinion, false, "Bloc de branche gauche ancien.", "Échographie.", "3 mois", ""},
      {"to_do", "Avis: QT limite\nConduite à tenir : arrêter l'hydroxyzine, contrôle\nDélai: 48h",
       Kind::opinion, false, "QT limite", "arrêter l'hydroxyzine, contrôle", "48h", ""},
      {"cat", "AVIS : eczéma de contact\nCAT : éviction, dermocorticoïde", Kind::opinion, false,
       "eczéma de contact", "éviction, dermocorticoïde", "", ""},
      {"other_order", "DELAI : 10 jours\nCONDUITE : Holter\nAVIS : pauses nocturnes", Kind::opinion,
       false, "pauses nocturnes", "Holter", "10 jours", ""},
      {"no_break_space", "AVIS\u00A0: hémibloc antérieur\u00A0gauche\nCONDUITE\u202F: rien de plus",
       Kind::opinion, false, "hémibloc antérieur\u00A0gauche", "rien de plus", "", ""},
      {"phone_typing",
       "Avis : fa confirmée.  Conduite voir ci dessous\nConduite : aod et bb\n"
       "Delai : 15j",
       Kind::opinion, false, "fa confirmée.  Conduite voir ci dessous", "aod et bb", "15j", ""},
      {"typing_errors", "AVIS: probbale nævus dysplasqiue\nCONDUITE: exerese\nDELAIS: 2 mois",
       Kind::opinion, false, "probbale nævus dysplasqiue", "exerese", "2 mois", ""},
      {"negation", "AVIS : pas de trouble du rythme. Ne pas anticoaguler.\nCONDUITE : aucune",
       Kind::opinion, false, "pas de trouble du rythme. Ne pas anticoaguler.", "aucune", "", ""},
      {"other_doctor",
       "AVIS : RAC serré probable\nCONDUITE : adresser au\nDr Durand pour échographie\nDELAI : 1 "
       "mois",
       Kind::opinion, false, "RAC serré probable", "adresser au\nDr Durand pour échographie",
       "1 mois", ""},
      {"range", "AVIS : nævus à surveiller\nCONDUITE : dermoscopie\nDELAI : 6 à 8 semaines",
       Kind::opinion, false, "nævus à surveiller", "dermoscopie", "6 à 8 semaines", ""},
      {"long_closing",
       "AVIS: bradycardie sinusale\nCONDUITE: baisser le bêtabloquant\n\nJe vous prie de croire, "
       "cher "
       "confrère, en mes salutations confraternelles.\nDocteur Martin",
       Kind::opinion, false, "bradycardie sinusale", "baisser le bêtabloquant", "", ""},
      {"accepted_and_given",
       "ACCEPTE\nAVIS : pemphigoïde probable\nCONDUITE : biopsie\nDELAI : 1 sem", Kind::opinion,
       false, "pemphigoïde probable", "biopsie", "1 sem", ""},
      {"measure", "AVIS : QTc = 480 ms ; PR : 160 ms\nCONDUITE : contrôle : J7", Kind::opinion,
       false, "QTc = 480 ms ; PR : 160 ms", "contrôle : J7", "", ""},
      {"quote_words", "AVIS : « normal » à mon sens > 90 %\nCONDUITE : <rien>", Kind::opinion,
       false, "« normal » à mon sens > 90 %", "<rien>", "", ""},
      {"name_of_sender_goes_on",
       "AVIS : FA\nCONDUITE : à revoir en consultation par\nDr Martin\nDELAI : 1 mois",
       Kind::opinion, false, "FA", "à revoir en consultation par\nDr Martin", "1 mois", ""},
      {"insufficient",
       "AVIS : tracé ininterprétable (parasites), à refaire\nCONDUITE : refaire l'ECG",
       Kind::opinion, false, "tracé ininterprétable (parasites), à refaire", "refaire l'ECG", "",
       ""},
      {"accept", "ACCEPTE", Kind::accept, false, "", "", "", ""},
      {"accept_lower", "Bonjour,\nj'accepte.\nBonne journée", Kind::accept, false, "", "", "", ""},
      {"accept_accent", "Accepté !", Kind::accept, false, "", "", "", ""},
      {"accept_case", "Cher confrère,\nJ'accepte le dossier\nJe réponds ce soir.\nBien à vous",
       Kind::accept, false, "", "", "", ""},
      {"decline", "REFUSE: je connais ce patient (conflit d'intérêts)", Kind::decline, false, "",
       "", "", "je connais ce patient (conflit d'intérêts)"},
      {"decline_lower", "Refus : en congés jusqu'au 20, désolé\n\nCdlt\nDr Martin", Kind::decline,
       false, "", "", "", "en congés jusqu'au 20, désolé"},
      {"decline_accent", "Bonjour\nREFUSÉ : hors de mon domaine (pédiatrie)", Kind::decline, false,
       "", "", "", "hors de mon domaine (pédiatrie)"},
      {"decline_bare", "Je refuse.", Kind::decline, false, "", "", "", ""},
      {"question", "PRECISION: quels traitements actuellement ?", Kind::need_info, false, "", "",
       "", "quels traitements actuellement ?"},
      {"question_lines",
       "Précisions :\n1) ECG antérieur ?\n2) kaliémie ?\nMerci d'avance\nDr P. Martin\nService de "
       "cardiologie",
       Kind::need_info, false, "", "", "", "1) ECG antérieur ?\n2) kaliémie ?"},
      {"question_long", "Demande de précision : photo de face, avec une règle, merci d'envoyer",
       Kind::need_info, false, "", "", "", "photo de face, avec une règle, merci d'envoyer"},
  };
  return all;
}

struct Odd {
  const char* name;
  const char* text;
  bool clear;  // a person would know
};

// Each of these must be asked again.
const std::vector<Odd>& odd_ones() {
  static const std::vector<Odd> all = {
      {"free_text", "FA confirmée, il faut anticoaguler.", true},
      {"empty", "", false},
      {"thanks", "Merci, bien reçu.\nCordialement\nDr Martin", true},
      {"conditional", "ACCEPTE mais pas avant lundi", false},
      {"conditional_below", "ACCEPTE\nsi vous m'envoyez l'ECG de 2024", false},
      {"negated", "Je n'accepte pas.", true},
      {"accept_and_refuse", "ACCEPTE\nREFUSE: trop de travail", false},
      {"opinion_and_refusal", "AVIS : normal\nREFUSE : hors domaine", false},
      {"opinion_and_question", "AVIS : FA probable\nPRECISION : ECG antérieur ?", false},
      {"two_opinions", "AVIS : FA\n\nAVIS : flutter", false},
      {"coming", "AVIS : à venir", true},
      {"coming_dots", "AVIS : ...", true},
      {"coming_tomorrow", "AVIS : je vous réponds demain", true},
      {"attached", "AVIS : voir pièce jointe", true},
      {"ok", "AVIS : OK", false},
      {"asks", "AVIS : FA ?", false},
      {"no_words", "AVIS :\nCONDUITE : anticoaguler", false},
      {"template", "AVIS :\nCONDUITE :\nDELAI :", true},
      {"placeholder", "AVIS : [votre conclusion]\nCONDUITE : [que faire]", true},
      {"no_colon", "AVIS fibrillation atriale\nCONDUITE anticoaguler", false},
      {"slip", "AVSI : fibrillation atriale", false},
      {"slip_below", "AVIS : FA\nCONDUTE : anticoaguler", false},
      {"vague_delay", "AVIS : mélanome\nCONDUITE : exérèse\nDELAI : rapidement", false},
      {"vague_urgency", "AVIS : FA\nURGENT ?", false},
      {"not_so_urgent", "AVIS : FA\nURGENT : pas vraiment", false},
      {"after_signature", "AVIS : FA\n\nCordialement\nDr Martin\n\nPS : arrêter la flécaïnide",
       false},
      {"after_signature_2", "AVIS: FA\nBien à vous\nAttention, INR à contrôler avant tout", false},
      {"foreign_signature", "AVIS : FA\nCONDUITE : voir\n\nDr Hélène DURAND\nCardiologue", false},
      {"not_final", "Ce n'est pas mon avis définitif.\nAVIS : FA", false},
      {"test", "Ceci est un test\nAVIS : FA", false},
      {"cancel", "Annulez mon message précédent\nAVIS : FA", false},
      {"question_before", "Avez-vous un ECG ancien ?\nAVIS : FA probable", false},
      {"refuses_in_opinion", "AVIS : REFUSE", false},
      {"cannot", "AVIS : je ne peux pas donner d'avis", false},
      {"token_in_signature", "Bonjour\nCordialement\nDr Martin\nAVIS : FA", false},
      {"empty_question", "PRECISION :", false},
      {"other_case", "AVIS : FA\npour le dossier TE-2026-9Z9Z9Z9Z", false},
      {"only_conduct", "CONDUITE : anticoaguler", false},
      {"only_delay", "DELAI : 15 jours", false},
      {"delay_date", "AVIS : FA\nDELAI : avant le 15/03", false},
      {"delay_more", "AVIS : FA\nDELAI : plus de 3 mois", false},
      {"reminder", "Je n'ai pas reçu les photos", true},
      {"words_after_urgent", "AVIS : FA\nURGENT\nappeler le 15", false},
      {"one_line", "AVIS: flutter. CONDUITE: AOD. DELAI: 1 semaine", true},
      {"one_line_equals", "AVIS = FA ; CONDUITE = AOD", true},
      {"sign_of_comparison",
       "AVIS : eczéma\nCONDUITE : dermocorticoïdes\n> 2 semaines\nDELAI : sans", false},
      {"comparison_at_end", "AVIS : eczéma\nCONDUITE : dermocorticoïdes\n> 2 semaines", false},
      {"motto", "AVIS : kyste\n\n-- \nPaul Martin\nune devise, et des mots", true},
      {"warning_below", "AVIS : kyste\n-- \nAttention : reprendre si inflammation", false},
      {"favourable", "Avis favorable à l'exérèse", false},
      {"in_a_sentence", "Bonjour, AVIS : FA", true},
      {"two_messages", "ACCEPTE\nPRECISION : âge ?", false},
  };
  return all;
}

constexpr const char* kOurs =
    "Docteur,\n\nVotre avis est demandé pour le dossier TE-2026-7K3M9Q2A.\nQuestion : FA ?\n\n"
    "Pour répondre, écrivez au-dessus de ce message. Commencez une ligne par le mot AVIS.\n\n"
    "Ce message ne contient aucun lien.";

std::string quoted(const std::string& text) {
  std::string out = "> ";
  for (const char c : text) {
    out += c;
    if (c == '\n') out += "> ";
  }
  return out;
}

struct Program {
  const char* name;
  std::function<std::string(const std::string&)> wrap;
};

/// What a mail program makes of an answer to `kOurs`.
std::vector<Program> programs() {
  const std::string ours = kOurs;
  const std::string marked = quoted(ours);
  const auto below = [](const std::string& tail) {
    return [tail](const std::string& text) { return text + "\n\n" + tail; };
  };
  return {
      {"alone", [](const std::string& text) { return text; }},
      {"gmail_fr",
       below("Le lun. 5 janv. 2026 à 10:02, Filière ECG <ecg@filiere.test> a\nécrit :\n\n" +
             marked + "\n")},
      {"gmail_en",
       below("On Mon, Jan 5, 2026 at 10:02 AM Filière ECG <ecg@filiere.test>\nwrote:\n\n" +
             marked)},
      {"apple_fr",
       below("> Le 5 janv. 2026 à 10:02, Filière ECG <ecg@filiere.test> a écrit :\n> \n" + marked)},
      {"iphone", below("Envoyé de mon iPhone\n\n> Le 5 janv. 2026 à 10:02, Filière ECG "
                       "<ecg@filiere.test> a écrit :\n> \n" +
                       marked)},
      {"outlook_fr",
       below("De : Filière ECG <ecg@filiere.test> \nEnvoyé : lundi 5 janvier 2026 10:02\n"
             "À : Dr Paul MARTIN <paul.martin@medecin.test>\nObjet : Téléexpertise "
             "TE-2026-7K3M9Q2A : avis à rendre\n\n" +
             ours)},
      {"outlook_en",
       below("From: Filière ECG <ecg@filiere.test>\nSent: Monday, January 5, 2026 10:02 "
             "AM\nTo: Dr Paul MARTIN\nSubject: Téléexpertise TE-2026-7K3M9Q2A\n\n" +
             ours)},
      {"outlook_old", below("-----Message d'origine-----\nDe : ecg@filiere.test\nEnvoyé : lundi 5 "
                            "janvier 2026 10:02\nÀ : martin\nObjet : TE-2026-7K3M9Q2A\n\n" +
                            ours)},
      {"outlook_phone",
       below("Télécharger Outlook pour Android<https://aka.test/x>\n"
             "________________________________\nDe: Filière ECG\nEnvoyé: lundi, janvier "
             "5, 2026 10:02 AM\nÀ: Paul MARTIN\nObjet: TE-2026-7K3M9Q2A\n\n" +
             ours)},
      {"thunderbird_fr", below("Le 05/01/2026 à 10:02, Filière ECG a écrit :\n" + marked)},
      {"thunderbird_below",
       [marked](const std::string& text) {
         return "Le 05/01/2026 à 10:02, Filière ECG a écrit :\n" + marked + "\n\n" + text + "\n";
       }},
      {"webmail", below("Le 2026-01-05 10:02, Filière ECG a écrit :\n\n" + marked)},
      {"zimbra",
       below("----- Mail original -----\nDe: \"Filière ECG\" <ecg@filiere.test>\nÀ: \"Paul "
             "MARTIN\" <paul.martin@medecin.test>\nEnvoyé: Lundi 5 Janvier 2026 10:02:33\n"
             "Objet: TE-2026-7K3M9Q2A\n\n" +
             ours)},
      {"samsung",
       below("Envoyé depuis mon smartphone Samsung Galaxy.\n\n-------- Message d'origine "
             "--------\nDe : ecg@filiere.test\nDate : 05/01/2026 10:02 (GMT+01:00)\nÀ : "
             "paul.martin@medecin.test\nObjet : TE-2026-7K3M9Q2A\n\n" +
             ours)},
      {"windows",
       below("Provenance : Courrier pour Windows\n\nDe : Filière ECG\nEnvoyé le :lundi 5 "
             "janvier 2026 10:02\nÀ : Paul MARTIN\nObjet :TE-2026-7K3M9Q2A\n\n" +
             ours)},
      {"bold_header",
       below("*De :* Filière ECG <ecg@filiere.test>\n*Envoyé :* lundi 5 janvier 2026\n"
             "*À :* martin\n*Objet :* TE-2026-7K3M9Q2A\n\n" +
             ours)},
      {"yahoo",
       below("Envoyé à partir de Yahoo Mail pour iPhone\n\n\nLe lundi 5 janvier 2026, 10:02, "
             "Filière ECG <ecg@filiere.test> a écrit :\n\n" +
             ours)},
      {"cr_lf",
       [marked](const std::string& text) {
         std::string out;
         for (const char c :
              text + "\n\nLe 5 janvier 2026 10:02:33 GMT+01:00, ECG <e@f.test> a écrit :\n" +
                  marked) {
           if (c == '\n') out += '\r';
           out += c;
         }
         return out;
       }},
  };
}

IncomingMail mail_of(const std::string& text) {
  IncomingMail mail;
  mail.from = "paul.martin@medecin.test";
  mail.from_label = "Dr_Paul_MARTIN_Clinique";
  mail.subject = "RE: Téléexpertise TE-2026-7K3M9Q2A : avis à rendre";
  mail.text = text;
  return mail;
}

}  // namespace

std::vector<ExpectedReply> reply_corpus() {
  std::vector<ExpectedReply> all;
  for (const Program& program : programs()) {
    for (const Written& one : texts()) {
      ExpectedReply reply;
      reply.name = std::string(one.name) + "/" + program.name;
      reply.mail = mail_of(program.wrap(one.text));
      reply.kind = one.kind;
      reply.urgent = one.urgent;
      reply.conclusion = one.conclusion;
      reply.conduct = one.conduct;
      reply.delay = one.delay;
      if (one.kind == Kind::need_info) reply.question = one.other;
      if (one.kind == Kind::decline) reply.reason = one.other;
      all.push_back(std::move(reply));
    }
    for (const Odd& one : odd_ones()) {
      ExpectedReply reply;
      reply.name = std::string(one.name) + "/" + program.name;
      reply.mail = mail_of(program.wrap(one.text));
      reply.clear = one.clear;
      all.push_back(std::move(reply));
    }
  }
  return all;
}

}  // namespace telavis::test
