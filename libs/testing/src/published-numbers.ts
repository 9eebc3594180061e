import { areaCodesInService, areaCodesSource, areaCodesToCome } from './published-area-codes.js';

/** Numbers of ranges with the use that a regulator's plan assigns to them. */
type PublishedNumbers = {
  /** Publisher, title and address. */
  readonly source: string;
  readonly territory: string | null;
  /**
   * Use of the numbers according to the source. `ordinary`: landlines, mobiles and numbers that are charged like them
   * or not at all, permitted to a key that names the territory; `costly`: premium-rate, shared-cost, personal and
   * satellite numbers, permitted only to a key that names their digits. `closed`: reserved for films and books, not in
   * service yet, or not for the public: permitted to no key.
   */
  readonly use: 'ordinary' | 'costly' | 'closed';
  /** Numbers with the country code, in groups. If the source names a range, arbitrary digits complete it. */
  readonly numbers: readonly string[];
};

const published = (
  source: string,
  territory: string | null,
  use: PublishedNumbers['use'],
  ...numbers: readonly string[]
): PublishedNumbers => ({ source, territory, use, numbers });

/** Sources, reread on 29 November 2026. If a copy was read, it is named. */
const sources = {
  acma: 'ACMA, Telephone numbering: types of numbers in use in Australia (https://www.acma.gov.au/Home/Industry/Telco/Numbering/Managing-numbers/telephone-numbering)',
  acm: 'ACM, 0900, 0906, 0909 – Informatienummers kort (https://www.acm.nl/nl/onderwerpen/telecommunicatie/telefoonnummers/aanvragen-nummers/0900-0906-0909---informatienummers-kort/)',
  anacomDigits:
    'ANACOM, Princípios básicos do Novo Plano de Numeração, 3 (https://anacom.pt/render.jsp?contentId=13167)',
  anacomFlat: 'ANACOM, Addition of new codes 761 and 762 (https://www.anacom.pt/render.jsp?contentId=1035977)',
  anacomMeo:
    'ANACOM, decision on the transfer of rights of use to MEO, 5.1: publicly available telephone service at a fixed location (https://www.anacom.pt/render.jsp?categoryId=406339)',
  anatel:
    'Anatel, Códigos não-geográficos (https://gov.br/anatel/pt-br/regulado/numeracao/codigos-nacionais/codigos-nao-geograficos)',
  arcepBlocks:
    'Arcep, MAJNUM.csv, blocks assigned up to June 2025 (the copy in github.com/cbouvat/saracroche-ios, c1c9e9a)',
  arcepTariff:
    'Arcep, décision 2012-0856, annexe I, 2.a.2 (https://juriblio.fr/decisions/decision-no-2012-0856-du-17-juillet-2012/160448216/annexe/294665968)',
  bakom:
    'BAKOM, Mehrwertdienstnummern 0900, 0901, 0906 (https://www.bakom.admin.ch/bakom/de/home/telekommunikation/haeufige-fragen/mehrwertdienstnummern-0900-0901-0906.html)',
  belgianTariffs:
    'Arrêté royal du 27 avril 2007, maximum tariffs (as https://mega.be/fr/telecom/aide-et-contact/ma-consommation/services-premium/quels-sont-les-tarifs-d-appel-des-numeros-090x-et-070x states them)',
  bnetzaDrama:
    'Bundesnetzagentur, Mitteilung 148/2021, Amtsblatt 7/2021, p. 489 (as https://www.teltarif.de/drama-rufnummern-fiktiv-bundesnetzagentur-filme/news/84487.html quotes it)',
  bnetzaKinds:
    'Bundesnetzagentur, Nummerierung: Rufnummernarten (https://www.bundesnetzagentur.de/DE/Sachgebiete/Telekommunikation/Unternehmen_Institutionen/Nummerierung/start.html)',
  bnetzaPremium:
    'Bundesnetzagentur, (0)900 Rufnummern für Premium-Dienste, tariffs since 1 December 2024 (https://www.bundesnetzagentur.de/DE/Fachthemen/Telekommunikation/Nummerierung/0900/start.html)',
  comreg:
    'ComReg, Specified PRS Definition: a 15XX access code (http://www.comreg.ie/licensing_and_services/specified_prs_definition.716.1043.html)',
  ibpt: 'IBPT, Principes de numérotation (http://ibpt.be/fr/consommateurs/telephone/numerotation/principes-de-numerotation)',
  inmarsat:
    'ITU, communication of 20.I.2005: Inmarsat numbering plan, 2.2 (https://studylib.net/doc/7890026/summary-table-inmarsat-mobile-number--imn-)',
  irishCitizens:
    'Citizens Information Board, Premium rate services: 1800 is free, 0818 costs what a landline does (https://www.citizensinformation.ie/en/consumer/phone_internet_tv_and_postal_services/premium_rate_telephone_services.html)',
  mic: 'MIC Japan, 電気通信番号制度: 電気通信番号の種別 (http://www.soumu.go.jp/joho_tsusin/top/tel_number)',
  mic060:
    'MIC Japan, 電気通信番号指定状況, 1 September 2026: 060 and 0990 (the copy in github.com/kobesoft-labs/jp-phone-number-db, 05570e6)',
  nad: 'Number Administration Deed, About: numbering resources of New Zealand (https://www.nad.org.nz/about/)',
  nkom: 'Nkom, Alle nummerserier for norske telefonnumre (https://nkom.no/telefoni-og-telefonnummer/telefonnummer-og-den-norske-nummerplan/alle-nummerserier-for-norske-telefonnumre)',
  nkomOffice: 'Nkom, Numbering resources: its own number (https://nkom.no/english/numbering-resources)',
  ofcomCosts:
    'Ofcom, What has Ofcom changed with regard to 08 numbers? (http://ask.ofcom.org.uk/help/telephone/08_changes)',
  ofcomDrama:
    'Ofcom, numbers for drama (as https://www.bbc.com/news/blogs-magazine-monitor-32348371 quotes it: 07700 900461, 01632)',
  ofcomOffice:
    'Ofcom, Other issues: its own numbers (http://consumers.ofcom.org.uk/complain/phone-and-broadband-complaints/other-issues/)',
  ofcomPlan:
    'Ofcom, National Telephone Numbering Plan, table A1 (as https://nsltelecoms.co.uk/services/telephone-number-glossary/ prints it)',
  rtrGeographic:
    'RTR, FAQ: lengths of geographic numbers, by area (https://www.rtr.at/TKP/was_wir_tun/telekommunikation/nummerierung/FAQNum/3.de.html)',
  rtrPremium:
    'RTR, Rufnummern für frei kalkulierbare Mehrwertdienste (https://rtr.at/TKP/was_wir_tun/telekommunikation/nummerierung/nationaleRufnummern/premiumS.de.html)',
  rtrRanges: 'RTR, Rufnummern: Übersicht Rufnummernbereiche (https://rtr.at/de/tk/TKKS_Rufnummern)',
} as const;

/** More than two hundred numbers from publications of regulators. */
export const publishedNumbers: readonly PublishedNumbers[] = [
  ...numbersOfAreaCodes(),
  published(areaCodesSource, 'US', 'ordinary', '1 800 555 0199', '1 833 555 0100', '1 844 234 5678', '1 855 234 5678'),
  published(areaCodesSource, 'US', 'ordinary', '1 866 234 5678', '1 877 234 5678', '1 888 555 0123'),
  published(areaCodesSource, 'US', 'costly', '1 900 555 0100', '1 900 234 5678', '1 500 234 5678', '1 521 234 5678'),
  published(areaCodesSource, 'US', 'costly', '1 522 234 5678', '1 526 234 5678', '1 529 234 5678', '1 533 234 5678'),
  published(areaCodesSource, 'US', 'costly', '1 544 234 5678', '1 566 234 5678', '1 577 234 5678', '1 588 234 5678'),
  published(areaCodesSource, 'CA', 'costly', '1 600 234 5678', '1 622 234 5678', '1 633 234 5678'),
  published(areaCodesSource, null, 'closed', '1 700 234 5678', '1 710 234 5678'),

  published(sources.rtrRanges, 'AT', 'ordinary', '43 501 123456', '43 517 123456', '43 57 123456', '43 59 123456'),
  published(
    sources.rtrRanges,
    'AT',
    'ordinary',
    '43 650 1234567',
    '43 651 1234567',
    '43 652 1234567',
    '43 653 1234567',
  ),
  published(
    sources.rtrRanges,
    'AT',
    'ordinary',
    '43 655 1234567',
    '43 657 1234567',
    '43 659 1234567',
    '43 660 1234567',
  ),
  published(
    sources.rtrRanges,
    'AT',
    'ordinary',
    '43 661 1234567',
    '43 663 1234567',
    '43 664 1234567',
    '43 676 1234567',
  ),
  published(sources.rtrRanges, 'AT', 'ordinary', '43 680 1234567', '43 699 1234567', '43 720 123456', '43 780 123456'),
  published(sources.rtrRanges, 'AT', 'ordinary', '43 800 123456'),
  published(sources.rtrRanges, 'AT', 'costly', '43 810 123456', '43 820 123456', '43 821 123456'),
  published(sources.rtrPremium, 'AT', 'costly', '43 900 123456', '43 901 011234', '43 901 901234', '43 930 123456'),
  published(sources.rtrPremium, 'AT', 'costly', '43 931 011234', '43 939 123456'),
  published(sources.rtrGeographic, 'AT', 'ordinary', '43 1 2345678', '43 316 234567', '43 463 234567', '43 512 234567'),
  published(sources.rtrGeographic, 'AT', 'ordinary', '43 662 234567', '43 732 234567', '43 2236 234567'),
  published(sources.rtrGeographic, 'AT', 'ordinary', '43 2252 234567', '43 5572 234567', '43 7242 234567'),

  published(sources.bnetzaPremium, 'DE', 'costly', '49 900 0 123456', '49 900 1 123456', '49 900 2 123456'),
  published(sources.bnetzaPremium, 'DE', 'costly', '49 900 3 123456', '49 900 4 123456', '49 900 5 123456'),
  published(sources.bnetzaPremium, 'DE', 'costly', '49 900 6 123456', '49 900 7 123456', '49 900 8 123456'),
  published(sources.bnetzaKinds, 'DE', 'costly', '49 700 12345678'),
  published(sources.bnetzaKinds, 'DE', 'ordinary', '49 800 1234567'),
  published(sources.bnetzaDrama, 'DE', 'ordinary', '49 30 23125 000', '49 30 23125 999', '49 69 90009 000'),
  published(sources.bnetzaDrama, 'DE', 'ordinary', '49 69 90009 999', '49 40 66969 123', '49 221 4710 456'),
  published(sources.bnetzaDrama, 'DE', 'ordinary', '49 89 99998 789'),

  published(sources.ofcomOffice, 'GB', 'ordinary', '44 20 7981 3040', '44 300 123 3333', '44 800 661 610'),
  published(sources.ofcomCosts, 'GB', 'ordinary', '44 800 123 4567', '44 808 123 4567'),
  published(sources.ofcomCosts, 'GB', 'costly', '44 843 123 4567', '44 844 123 4567', '44 845 123 4567'),
  published(sources.ofcomCosts, 'GB', 'costly', '44 870 123 4567', '44 871 123 4567', '44 872 123 4567'),
  published(sources.ofcomCosts, 'GB', 'costly', '44 873 123 4567', '44 900 123 4567', '44 910 123 4567'),
  published(sources.ofcomCosts, 'GB', 'costly', '44 982 123 4567'),
  published(sources.ofcomPlan, 'GB', 'ordinary', '44 113 234 5678', '44 340 123 4567', '44 370 123 4567'),
  published(sources.ofcomPlan, 'GB', 'ordinary', '44 55 1234 5678', '44 56 1234 5678', '44 7112 345678'),
  published(sources.ofcomPlan, 'GB', 'ordinary', '44 7201 234567', '44 7301 234567', '44 7400 123456'),
  published(sources.ofcomPlan, 'GB', 'ordinary', '44 7500 123456', '44 7701 234567', '44 7812 345678'),
  published(sources.ofcomPlan, 'GB', 'ordinary', '44 7912 345678'),
  published(sources.ofcomPlan, 'GB', 'costly', '44 70 1234 5678'),
  published(sources.ofcomDrama, 'GB', 'closed', '44 7700 900461', '44 1632 960123'),

  published(sources.arcepBlocks, 'FR', 'ordinary', '33 1 30 00 12 34', '33 1 34 00 12 34', '33 1 39 00 12 34'),
  published(sources.arcepBlocks, 'FR', 'ordinary', '33 1 40 00 12 34', '33 1 41 00 12 34', '33 1 42 68 53 00'),
  published(sources.arcepBlocks, 'FR', 'ordinary', '33 1 43 00 12 34', '33 1 44 00 12 34', '33 1 45 00 12 34'),
  published(sources.arcepBlocks, 'FR', 'ordinary', '33 1 46 00 12 34', '33 1 47 00 12 34', '33 1 50 00 12 34'),
  published(sources.arcepBlocks, 'FR', 'ordinary', '33 1 53 00 12 34', '33 1 55 00 12 34', '33 1 56 00 12 34'),
  published(sources.arcepBlocks, 'FR', 'ordinary', '33 1 60 00 12 34', '33 1 62 00 12 34', '33 1 64 00 12 34'),
  published(sources.arcepBlocks, 'FR', 'ordinary', '33 1 69 00 12 34', '33 4 86 00 12 34', '33 4 86 25 12 34'),
  published(sources.arcepBlocks, 'FR', 'ordinary', '33 4 87 20 12 34', '33 4 88 24 12 34'),
  published(sources.arcepTariff, 'FR', 'costly', '33 893 123 456', '33 894 123 456', '33 895 123 456'),
  published(sources.arcepTariff, 'FR', 'costly', '33 896 123 456', '33 898 123 456'),

  published(sources.acma, 'AU', 'ordinary', '61 2 5550 1234', '61 3 5550 1234', '61 7 5550 1234', '61 8 5550 1234'),
  published(sources.acma, 'AU', 'ordinary', '61 412 345 678', '61 491 570 006', '61 1800 160 401'),
  published(sources.acma, 'AU', 'costly', '61 1900 123 456', '61 1902 123 456', '61 1300 975 707', '61 13 12 34'),

  published(sources.mic, 'JP', 'ordinary', '81 3 1234 5678', '81 6 1234 5678', '81 70 1234 5678', '81 80 1234 5678'),
  published(sources.mic, 'JP', 'ordinary', '81 90 1234 5678', '81 50 1234 5678'),
  published(sources.mic060, 'JP', 'ordinary', '81 60 1234 5678', '81 120 123 456', '81 800 123 4567'),
  published(sources.mic060, 'JP', 'costly', '81 990 123 456'),

  published(sources.ibpt, 'BE', 'ordinary', '32 2 226 88 88', '32 3 226 88 88', '32 4 226 88 88', '32 460 12 34 56'),
  published(sources.ibpt, 'BE', 'ordinary', '32 470 12 34 56', '32 480 12 34 56', '32 490 12 34 56', '32 800 12 345'),
  published(sources.ibpt, 'BE', 'costly', '32 900 12 345'),
  published(sources.belgianTariffs, 'BE', 'costly', '32 901 12 345', '32 902 12 345', '32 903 12 345', '32 904 12 345'),
  published(sources.belgianTariffs, 'BE', 'costly', '32 905 12 345', '32 906 12 345', '32 907 12 345', '32 909 12 345'),
  published(sources.belgianTariffs, 'BE', 'costly', '32 70 22 33 44'),

  published(sources.nkomOffice, 'NO', 'ordinary', '47 22 82 46 00'),
  published(sources.nkom, 'NO', 'ordinary', '47 32 12 34 56', '47 35 12 34 56', '47 55 12 34 56', '47 57 12 34 56'),
  published(sources.nkom, 'NO', 'ordinary', '47 67 12 34 56', '47 70 12 34 56', '47 400 12 345', '47 45 12 34 56'),
  published(sources.nkom, 'NO', 'ordinary', '47 480 12 345', '47 90 12 34 56', '47 95 12 34 56', '47 99 12 34 56'),

  published(sources.anacomFlat, 'PT', 'costly', '351 760 123 456', '351 761 123 456', '351 762 123 456'),
  published(sources.anacomDigits, 'PT', 'ordinary', '351 911 234 567', '351 931 234 567', '351 961 234 567'),
  published(sources.anacomMeo, 'PT', 'ordinary', '351 21 050 1234', '351 21 054 1234', '351 22 050 1234'),
  published(sources.anacomMeo, 'PT', 'ordinary', '351 231 01 1234', '351 239 01 1234', '351 244 01 1234'),
  published(sources.anacomMeo, 'PT', 'ordinary', '351 251 01 1234', '351 259 01 1234', '351 265 01 1234'),
  published(sources.anacomMeo, 'PT', 'ordinary', '351 279 01 1234', '351 289 01 1234', '351 291 01 1234'),
  published(sources.anacomMeo, 'PT', 'ordinary', '351 296 01 1234'),

  published(sources.nad, 'NZ', 'ordinary', '64 3 234 5678', '64 4 234 5678', '64 6 234 5678', '64 7 234 5678'),
  published(sources.nad, 'NZ', 'ordinary', '64 9 234 5678', '64 21 123 4567', '64 800 123 456', '64 508 123 456'),
  published(sources.nad, 'NZ', 'costly', '64 900 123 456'),

  published(sources.acm, 'NL', 'costly', '31 900 1234', '31 906 1234', '31 909 1234'),
  published(sources.bakom, 'CH', 'costly', '41 900 123 456', '41 901 123 456', '41 906 123 456'),
  published(sources.comreg, 'IE', 'costly', '353 1515 123 456', '353 1520 123 456', '353 1530 123 456'),
  published(sources.comreg, 'IE', 'costly', '353 1550 123 456', '353 1570 123 456', '353 1580 123 456'),
  published(sources.irishCitizens, 'IE', 'ordinary', '353 1800 123 456', '353 818 123 456'),
  published(sources.anatel, 'BR', 'costly', '55 300 123 4567', '55 500 123 4567'),
  published(sources.inmarsat, null, 'costly', '870 773 123 456'),
];

/**
 * Returns a line of exchange 555 in each area code of the US and Canada, and one in each area code that is not in
 * service; the islands have other exchanges.
 */
function numbersOfAreaCodes(): readonly PublishedNumbers[] {
  const inEach = (codes: readonly string[]) => codes.map((code) => `1 ${code} 555 0123`);
  const { US = [], CA = [] } = areaCodesInService;
  return [
    published(areaCodesSource, 'US', 'ordinary', ...inEach(US)),
    published(areaCodesSource, 'CA', 'ordinary', ...inEach(CA)),
    published(areaCodesSource, null, 'closed', ...inEach(areaCodesToCome)),
  ];
}
