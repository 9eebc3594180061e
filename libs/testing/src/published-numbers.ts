/** Numbers of ranges that a regulator's plan assigns to one use. */
export type PublishedNumbers = {
  /** The plan, by its issuer and name. */
  readonly source: string;
  readonly territory: string | null;
  /**
   * What the plan says they are. `ordinary`: landlines, mobiles and what is charged like them, open to a key that names the territory; `costly`: premium-rate,
   * shared-cost and personal numbers, open to nobody who does not name their digits. `fiction`: kept free for films and books, and no range in service.
   */
  readonly use: 'ordinary' | 'costly' | 'fiction';
  /** With the country code, in the groups in which the plan writes them. */
  readonly numbers: readonly string[];
};

const published = (
  source: string,
  territory: string | null,
  use: PublishedNumbers['use'],
  ...numbers: readonly string[]
): PublishedNumbers => ({ source, territory, use, numbers });

const ofcom = 'Ofcom, The National Telephone Numbering Plan, part A';
const ofcomDrama = 'Ofcom, Telephone numbers for use in TV and radio drama programmes';
const bnetza = 'Bundesnetzagentur, Nummernplan öffentliche Telefonnetze';
const bnetzaDrama = 'Bundesnetzagentur, Mitteilung 148/2021, Amtsblatt 7/2021: Rufnummern für Medienproduktionen';
const arcep = 'Arcep, décision 2018-0881: plan national de numérotation';
const acma = 'ACMA, Telecommunications Numbering Plan 2015';
const acmaFiction = 'ACMA, Phone numbers for use in TV shows, films and creative works';
const nanpa = 'NANPA, area codes and easily recognizable codes; ATIS-0300115 for 555 line numbers';
const comreg = 'ComReg, National Numbering Conventions';
const pts = 'PTS, Svensk nummerplan för telefoni enligt E.164';
const ptsFiction = 'PTS, telefonnummer för användning i böcker och filmer';
const acm = 'ACM, Nummerplan telefoon- en ISDN-diensten';
const bipt = 'BIPT, Koninklijk besluit nummering, nationaal nummerplan E.164';
const rtr = 'RTR, Kommunikationsparameter-, Entgelt- und Mehrwertdiensteverordnung 2009';
const bakom = 'BAKOM, Nummerierungsplan E.164/2002';
const agcom = 'AGCOM, delibera 8/15/CIR: piano di numerazione';
const cnmc = 'Real Decreto 2296/2004, plan nacional de numeración telefónica';
const anacom = 'ANACOM, Plano Nacional de Numeração';
const mic = 'MIC Japan, Telecommunications Numbering Plan (電気通信番号計画)';
const uke = 'UKE, Plan numeracji krajowej dla publicznych sieci telekomunikacyjnych';
const ctu = 'ČTÚ, vyhláška 117/2007 Sb. o číslovacích plánech';
const traficom = 'Traficom, Regulation 32 on numbering in a public telephone network';
const nkom = 'Nkom, Nasjonal nummerplan E.164';
const sdfi = 'Den danske nummerplan, bekendtgørelse om nummerplan';
const trai = 'DoT India, National Numbering Plan 2003';
const icasa = 'ICASA, Numbering Plan Regulations 2016';
const imda = 'IMDA, National Numbering Plan';
const ofca = 'OFCA, The Numbering Plan for Telecommunications Services in Hong Kong';
const anatel = 'Anatel, Resolução 749/2022: Regulamento de Numeração';
const itu = 'ITU-T E.164, list of assigned country codes; E.169 for global services';

/** More than two hundred numbers out of regulators' published plans. */
export const publishedNumbers: readonly PublishedNumbers[] = [
  published(ofcomDrama, 'GB', 'fiction', '44 115 496 0000', '44 7700 900000', '44 7700 900999'),
  published(arcep, 'FR', 'fiction', '33 6 39 98 12 34'),
  published(ofcomDrama, 'GB', 'ordinary', '44 113 496 0123', '44 114 496 0999', '44 116 496 0456'),
  published(ofcomDrama, 'GB', 'ordinary', '44 117 496 0111', '44 118 496 0222', '44 121 496 0333', '44 131 496 0444'),
  published(ofcomDrama, 'GB', 'ordinary', '44 141 496 0555', '44 151 496 0666', '44 161 496 0777', '44 191 498 0888'),
  published(ofcomDrama, 'GB', 'ordinary', '44 20 7946 0000', '44 20 7946 0999', '44 28 9649 6123', '44 29 2018 0456'),
  published(ofcomDrama, 'GB', 'ordinary', '44 808 157 0123', '44 3069 990000'),
  published(ofcomDrama, 'GB', 'costly', '44 909 8790000', '44 909 8790999'),
  published(
    ofcom,
    'GB',
    'ordinary',
    '44 115 946 0123',
    '44 7701 234567',
    '44 7400 123456',
    '44 7512 345678',
    '44 7912 345678',
    '44 300 123 4567',
  ),
  published(ofcom, 'GB', 'ordinary', '44 56 1234 5678', '44 55 1234 5678', '44 800 123 4567'),
  published(ofcom, 'GB', 'costly', '44 90 1234 5678', '44 911 123 4567', '44 982 345 6789', '44 70 1234 5678'),
  published(ofcom, 'GB', 'costly', '44 843 123 4567', '44 844 123 4567', '44 870 123 4567', '44 871 123 4567'),
  published(bnetzaDrama, 'DE', 'ordinary', '49 30 23125 000', '49 30 23125 999', '49 69 90009 000', '49 69 90009 999'),
  published(bnetzaDrama, 'DE', 'ordinary', '49 40 66969 123', '49 221 4710 456', '49 89 99998 789', '49 152 28817386'),
  published(
    bnetza,
    'DE',
    'ordinary',
    '49 151 23456789',
    '49 160 1234567',
    '49 170 1234567',
    '49 32 221234567',
    '49 800 1234567',
  ),
  published(bnetza, 'DE', 'costly', '49 900 1 234567', '49 900 3 234567', '49 900 5 234567', '49 180 2 123456'),
  published(bnetza, 'DE', 'costly', '49 180 5 123456', '49 700 12345678', '49 137 7 123456'),
  published(arcep, 'FR', 'ordinary', '33 1 99 00 12 34', '33 2 61 91 12 34', '33 3 53 01 12 34', '33 4 65 71 12 34'),
  published(arcep, 'FR', 'ordinary', '33 5 36 49 12 34', '33 6 12 34 56 78', '33 7 56 78 90 12', '33 9 70 12 34 56'),
  published(arcep, 'FR', 'ordinary', '33 800 123 456', '33 1 42 68 53 00'),
  published(
    arcep,
    'FR',
    'costly',
    '33 891 123 456',
    '33 892 123 456',
    '33 899 123 456',
    '33 820 123 456',
    '33 826 123 456',
  ),
  published(acmaFiction, 'AU', 'ordinary', '61 2 5550 1234', '61 2 7010 1234', '61 3 5550 1234', '61 3 7010 1234'),
  published(acmaFiction, 'AU', 'ordinary', '61 7 5550 1234', '61 7 7010 1234', '61 8 5550 1234', '61 8 7010 1234'),
  published(acmaFiction, 'AU', 'ordinary', '61 491 570 006', '61 491 570 156', '61 491 570 157', '61 491 570 158'),
  published(acma, 'AU', 'ordinary', '61 412 345 678', '61 1800 160 401'),
  published(acma, 'AU', 'costly', '61 1900 123 456', '61 1902 123 456', '61 1300 975 707', '61 13 12 34'),
  published(
    nanpa,
    'US',
    'ordinary',
    '1 212 555 0100',
    '1 212 555 0199',
    '1 415 555 0123',
    '1 312 555 0145',
    '1 907 555 0110',
  ),
  published(nanpa, 'US', 'ordinary', '1 808 555 0199', '1 800 555 0199', '1 888 555 0123', '1 833 555 0100'),
  published(
    nanpa,
    'US',
    'costly',
    '1 900 555 0100',
    '1 900 234 5678',
    '1 212 976 1212',
    '1 415 976 1234',
    '1 500 234 5678',
  ),
  published(nanpa, 'CA', 'ordinary', '1 416 555 0123', '1 604 555 0199', '1 514 555 0100', '1 867 555 0145'),
  published(nanpa, 'CA', 'costly', '1 416 976 1234', '1 514 976 0000'),
  published(nanpa, 'PR', 'ordinary', '1 787 234 5678', '1 939 234 5678'),
  published(comreg, 'IE', 'ordinary', '353 1 234 5678', '353 21 123 4567', '353 87 123 4567', '353 1800 123 456'),
  published(comreg, 'IE', 'costly', '353 1520 123 456', '353 1530 123 456', '353 1550 123 456', '353 1560 123 456'),
  published(comreg, 'IE', 'costly', '353 1570 123 456', '353 1580 123 456', '353 1590 123 456', '353 700 123 456'),
  published(ptsFiction, 'SE', 'ordinary', '46 31 390 06 00', '46 40 628 04 99', '46 8 465 004 00', '46 980 31 92 00'),
  published(ptsFiction, 'SE', 'ordinary', '46 70 174 06 05', '46 70 174 06 99'),
  published(pts, 'SE', 'ordinary', '46 70 123 45 67', '46 76 123 45 67', '46 20 123 456'),
  published(pts, 'SE', 'costly', '46 900 123 45 67', '46 939 123 45 67', '46 944 123 45 67', '46 77 123 45 67'),
  published(
    acm,
    'NL',
    'ordinary',
    '31 20 123 4567',
    '31 6 12345678',
    '31 85 123 4567',
    '31 88 123 4567',
    '31 800 1234',
  ),
  published(acm, 'NL', 'costly', '31 900 1234', '31 900 123456', '31 906 1234567', '31 909 1234567'),
  published(bipt, 'BE', 'ordinary', '32 2 512 34 56', '32 470 12 34 56', '32 485 12 34 56', '32 800 12 345'),
  published(bipt, 'BE', 'costly', '32 900 12 345', '32 902 12 345', '32 905 12 345'),
  published(
    rtr,
    'AT',
    'ordinary',
    '43 1 234567890',
    '43 664 123456',
    '43 676 1234567',
    '43 720 123456',
    '43 800 123456',
  ),
  published(
    rtr,
    'AT',
    'costly',
    '43 900 123456',
    '43 901 123456',
    '43 930 123456',
    '43 931 123456',
    '43 810 123456',
    '43 820 123456',
  ),
  published(
    bakom,
    'CH',
    'ordinary',
    '41 44 123 45 67',
    '41 22 123 45 67',
    '41 78 123 45 67',
    '41 79 123 45 67',
    '41 800 123 456',
  ),
  published(
    bakom,
    'CH',
    'costly',
    '41 900 123 456',
    '41 901 123 456',
    '41 906 123 456',
    '41 840 123 456',
    '41 848 123 456',
    '41 878 123 456',
  ),
  published(
    agcom,
    'IT',
    'ordinary',
    '39 06 12345678',
    '39 02 1234567',
    '39 010 123456',
    '39 312 345 6789',
    '39 340 123 4567',
    '39 800 123 456',
  ),
  published(
    agcom,
    'IT',
    'costly',
    '39 892 123',
    '39 899 123 456',
    '39 895 123 456',
    '39 894 123',
    '39 848 123 456',
    '39 840 123 456',
    '39 178 123 4567',
  ),
  published(
    cnmc,
    'ES',
    'ordinary',
    '34 91 123 45 67',
    '34 93 123 45 67',
    '34 612 34 56 78',
    '34 712 34 56 78',
    '34 900 123 456',
  ),
  published(
    cnmc,
    'ES',
    'costly',
    '34 803 123 456',
    '34 806 123 456',
    '34 807 123 456',
    '34 905 123 456',
    '34 901 123 456',
    '34 902 123 456',
  ),
  published(cnmc, 'ES', 'costly', '34 701 234 567'),
  published(
    anacom,
    'PT',
    'ordinary',
    '351 21 123 4567',
    '351 912 345 678',
    '351 961 234 567',
    '351 30 123 4567',
    '351 800 123 456',
  ),
  published(
    anacom,
    'PT',
    'costly',
    '351 760 123 456',
    '351 761 123 456',
    '351 808 123 456',
    '351 809 123 456',
    '351 884 123 456',
  ),
  published(
    mic,
    'JP',
    'ordinary',
    '81 3 1234 5678',
    '81 6 1234 5678',
    '81 90 1234 5678',
    '81 80 1234 5678',
    '81 70 1234 5678',
  ),
  published(mic, 'JP', 'ordinary', '81 50 1234 5678', '81 120 123 456', '81 800 123 4567'),
  published(mic, 'JP', 'costly', '81 990 123 456', '81 990 504 123', '81 60 123 4567'),
  published(
    uke,
    'PL',
    'ordinary',
    '48 12 345 67 89',
    '48 22 123 45 67',
    '48 512 345 678',
    '48 601 234 567',
    '48 800 123 456',
  ),
  published(uke, 'PL', 'costly', '48 701 234 567', '48 703 234 567', '48 801 234 567'),
  published(ctu, 'CZ', 'ordinary', '420 212 345 678', '420 601 123 456', '420 777 123 456', '420 800 123 456'),
  published(
    ctu,
    'CZ',
    'costly',
    '420 900 123 456',
    '420 906 123 456',
    '420 909 123 456',
    '420 811 234 567',
    '420 844 123 456',
  ),
  published(traficom, 'FI', 'ordinary', '358 9 1234 5678', '358 40 123 4567', '358 50 123 4567', '358 800 123 456'),
  published(traficom, 'FI', 'costly', '358 600 12345', '358 700 12345'),
  published(
    nkom,
    'NO',
    'ordinary',
    '47 21 23 45 67',
    '47 55 12 34 56',
    '47 406 12 345',
    '47 915 12 345',
    '47 800 12 345',
  ),
  published(nkom, 'NO', 'costly', '47 820 12 345', '47 829 12 345', '47 810 21 234', '47 880 12 345'),
  published(sdfi, 'DK', 'ordinary', '45 32 12 34 56', '45 20 12 34 56', '45 80 12 34 56'),
  published(sdfi, 'DK', 'costly', '45 90 12 34 56', '45 90 99 99 99'),
  published(
    trai,
    'IN',
    'ordinary',
    '91 11 2345 6789',
    '91 22 2345 6789',
    '91 98765 43210',
    '91 70123 45678',
    '91 1800 123 456',
  ),
  published(trai, 'IN', 'costly', '91 1860 123 4567'),
  published(
    icasa,
    'ZA',
    'ordinary',
    '27 10 123 4567',
    '27 21 123 4567',
    '27 71 123 4567',
    '27 82 123 4567',
    '27 80 123 4567',
  ),
  published(icasa, 'ZA', 'costly', '27 86 212 3456', '27 86 012 3456', '27 90 123 4567'),
  published(imda, 'SG', 'ordinary', '65 6123 4567', '65 8123 4567', '65 9123 4567', '65 3123 4567', '65 1800 123 4567'),
  published(imda, 'SG', 'costly', '65 1900 123 4567'),
  published(
    ofca,
    'HK',
    'ordinary',
    '852 2123 4567',
    '852 3123 4567',
    '852 5123 4567',
    '852 9123 4567',
    '852 800 123 456',
  ),
  published(ofca, 'HK', 'costly', '852 900 123 45678', '852 8112 3456'),
  published(anatel, 'BR', 'ordinary', '55 11 2345 6789', '55 21 2345 6789', '55 11 96123 4567', '55 800 123 4567'),
  published(anatel, 'BR', 'costly', '55 300 123 4567', '55 500 123 4567', '55 900 123 456'),
  published(
    itu,
    null,
    'costly',
    '870 773 123 456',
    '881 6 1234 56789',
    '882 16 12345678',
    '883 5100 12345678',
    '979 1 2345 6789',
  ),
  published(itu, null, 'costly', '800 1234 5678', '808 1234 5678', '878 10 1234567890'),
];
