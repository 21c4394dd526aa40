# ruff: noqa: E501 - a row of a table stays on one line
"""Brandstätter: a garage in the euro area, tied to one car maker; German books, decimal comma."""

from __future__ import annotations

import datetime as dt

from recipes.blocks import parse_block, parse_vendors
from recipes.recipe import LEDGER_COLUMNS, Dialect, Recipe

__all__ = ["GARAGE"]

REGULAR = """
supplier|account|every|price|changes|seats|season|noise|from|until|memo
Immobilien Grünwald|Miete Werkstatt|month:1|4650|2025-01 +3%; 2026-01 +2.5%|||0|||Halle und Büro
Falkenburg Motorenwerke|Lizenzgebühren Marke|quarter:1:15|2400|2025-01 +6%; 2026-01 +6%|||0|||Händlervertrag
Falkenburg Diagnose-Portal|Diagnosesoftware (EDV)|month:5|389|2025-01 +9%; 2026-01 +12%|||0|||Teilekatalog und Diagnose
DATEV|Software Buchhaltung|month:12|94|2025-07 +7%|||.03|||
Microsoft 365|Software Lizenzen|month:7|11.7|2025-04 +5%|6; 2025-02 8||0|||# Nutzer
Werkstattkompass|Software Werkstattplanung|month:3|149|2025-10 +14%|||0|2024-03||
Kfz-Datenhaus Süd|Software Teiledaten|year:03-18|1980|2025-03 +5%; 2026-03 +6%|||0|||
Strato|Webhosting|year:05-22|168|2026-05 +10%|||0|||
Bildschön Medien|Webseite Pflege|quarter:2:20|420|||||||
Deutsche Telekom|Telefon und Internet|month:9|129|2025-09 +6%|||.02|||
Vodafone|Mobilfunk|month:14|29||4; 2025-05 5||.03|||# Karten
Boxwood Vault|Cloudspeicher|month:24|39|2026-01 +15%|||0|2024-09||
ESET|IT-Sicherheit|year:10-16|310|2025-10 +6%|||0|||8 Geräte
Kernow EDV-Service|IT-Betreuung|month:2|320|2025-01 +4%|||0|||
Lohnbüro Steinhaus|Lohnabrechnung|month:26|16.5|2025-01 +5%|8; 2024-11 9||0|||# Mitarbeiter
Kanzlei Oberländer|Steuerberatung|quarter:1:28|1150|2026-01 +6%|||.02|||
Stadtwerke Ammertal|Strom|month:18|980|2025-01 +8%; 2026-01 -4%||winter .18|.08|||
E.ON|Heizung und Gas|month:20|520|||winter .75|.09|||
Wasserverband Ammertal|Wasser und Abwasser|quarter:2:25|310|||||||
Ölkreis Entsorgung|Entsorgung|month:22|210||||.15|||Altöl und Filter
Allianz|Versicherung|quarter:1:2|1890|2025-01 +7%; 2026-01 +5%|||0|||Betriebshaftpflicht
Hallberg Hebetechnik|Wartung Hebebühnen|year:06-19|1480|2025-06 +5%|||0|||
Würth|Verbrauchsmaterial|fortnight:3|285||||.4|||
Südring Leasing|Kfz-Leasing Ersatzwagen|month:15|289||3; 2025-03 4||0|||# Wagen
Commerzbank|Kontoführung|month:30|42||||.25|||
Paygrove|Kartengebühren|month:4|410|2026-02 +9%|||.15|||
Ammertaler Anzeiger|Zeitungswerbung|month:10|260||||||2025-06|
Radio Ammertal|Radiowerbung|month:17|380||||.05|||
Berufskleidung Lenz|Berufskleidung|week:1|46|2025-02 +4%|||.04|||
Finanzamt|Umsatzsteuer|month:10|4900||||.3|||Voranmeldung
"""

OCCASIONAL = """
supplier|account|yearly|typical|spread|season|from|until|memo
Falkenburg Motorenwerke|Ersatzteile|260|690|.9||||
Teilehof Brenner|Ersatzteile|130|165|.9||||Beleg #
Reifen Maurer|Wareneinkauf Reifen|58|820|.7|autumn .7|||
Lackhaus Isar|Wareneinkauf Lack|34|340|.7||||
Hallberg Hebetechnik|Reparatur Geräte|4|620|.7||||
Snap-on|Werkzeuge|14|190|.9||||
Conrad Electronic|EDV Zubehör|9|84|.8||||
Bechtle|EDV Hardware|2|980|.5||||
Aral|Treibstoff|72|66|.4||||
Otto Office|Bürobedarf|14|58|.7||||
Deutsche Post|Porto|20|19|.7||||
DHL|Versand Teile|36|23|.6||||
Google Ads|Online-Werbung|10|180|.4||2025-03||
Bildschön Medien|Webseite Pflege|2|390|.5||||Bilder und Texte
Falkenburg Akademie|Fortbildung|5|740|.4||||Hochvolt-Lehrgang
Kernow EDV-Service|IT-Betreuung|5|240|.6||||Einsatz vor Ort
Abschleppdienst Krüger|Fremdleistungen|26|185|.5||||
Gutachterbüro Hensel|Gutachten und Prüfung|18|130|.4||||
Deutsche Bahn|Reisekosten|6|92|.5||||
Blumen & Café Ilse|Bewirtung|15|34|.5||||
"""

AGREEMENTS = """
vendor|agreement_ends|not_renewed|brings_access|brings_marketing|brings_learning
Falkenburg Motorenwerke|2026-12-31||31000|4200|96
"""

VENDORS = """
vendor|relation|role|founded|size|sector|owner|crit|share|records|value|switch|retool|prepaid|weeks|margin|hubs|have|brand
Falkenburg Motorenwerke|direct|car maker|1951|48000|manufacturing|public|5|0.72|0|0|24000|58000|1200|10|6900|||2242312
Falkenburg Diagnose-Portal|direct|maker's diagnosis and parts data|2012|260|information|private|5|0.72|5200|0.5|4000|9000|0|2|6400|Falkenburg Motorenwerke:0.9;Nimbra Cloud:0.15||3343-24
Teilehof Brenner|indirect|independent parts|1996|34|wholesale|private|3|0.12|0|0|1200|0|0|1|1400||2|4434-33
Reifen Maurer|indirect|tyres|1983|22|wholesale|private|2|0.1|0|0|900|0|600|1|1100||2|3444-33
Werkstattkompass|indirect|workshop planning|2021|13|information|venture|4|0|7800|0.7|3200|1800|0|1|1600|Nimbra Cloud:0.35||5424444
Kfz-Datenhaus Süd|indirect|technical data|2004|52|information|private|3|0.2|0|0|1500|900|1900|1|900||2|3333333
Boxwood Vault|indirect|document storage|2023|9|information|venture|3|0|11000|0.6|1800|500|300|1|500|Nimbra Cloud:0.4||5415434
Kernow EDV-Service|indirect|IT support|2015|4|professional|private|4|0|300|6|3600|600|0|2|900|||4434342
Lohnbüro Steinhaus|indirect|payroll by hand|1999|3|professional|private|4|0|700|3|1600|0|0|1.5|400|||1132121
Kanzlei Oberländer|indirect|accountant|1987|12|professional|private|3|0|2600|1.4|2600|0|0|1|200||x|2142112
Bildschön Medien|indirect|web and print agency|2019|3|professional|private|2|0.03|150|3|2400|0|0|1|250|Kolibri Hosting:0.3||3424443
Kolibri Hosting|indirect|web hosting of the agency|2018|7|information|private|2|0.03|400|0.5|700|0|0|0.5|250|||3323334
Paygrove|indirect|card payments|2012|380|finance|public|4|0.1|0|0|900|400|0|0.5|1300||2|4344445
Südring Leasing|indirect|replacement cars|1992|70|finance|private|2|0.05|0|0|1800|0|0|1|600||2|3343-33
Hallberg Hebetechnik|indirect|lifts and inspection|1978|26|manufacturing|private|3|0.2|0|0|2200|0|0|2|1800||2|3343-22
Radio Ammertal|indirect|radio advertising|1989|18|information|private|1|0.02|0|0|0|0|0|0|0||2|2232-12
"""

EVENTS = """
vendor|date|kind|note
Falkenburg Motorenwerke|2026-04-23|policy|new dealer agreement from 2027: fewer, larger workshops
Falkenburg Motorenwerke|2025-11-18|structure|two regional parts depots merged
Lohnbüro Steinhaus|2026-02-16|personnel|owner retires at the end of 2027
Werkstattkompass|2026-05-29|ownership|majority sold to a marketplace
Kolibri Hosting|2025-08-14|environment|data centre contract not renewed
"""

MITIGATIONS = """
vendor|option|yearly_cost|probability_factor|loss_factor
Falkenburg Motorenwerke|second brand for servicing|9500|1|0.55
Falkenburg Diagnose-Portal|multi-brand diagnosis device|2100|1|0.6
Werkstattkompass|monthly export of jobs and customers|150|1|0.4
Boxwood Vault|monthly export|120|1|0.35
Lohnbüro Steinhaus|payroll service with a portal|900|0.2|0.6
Bildschön Medien|own domain and backups|180|1|0.4
"""

SUPPLIERS = """
name|aliases|capability|category
Falkenburg Motorenwerke|FALKENBURG MOTORENW;FALKENBURG TEILE|car maker|goods for resale
Falkenburg Diagnose-Portal|FALKENBURG DIAGNOSE|diagnosis|business software
Werkstattkompass|WERKSTATTKOMPASS.DE|workshop planning|business software
Lohnbüro Steinhaus|LOHNBUERO STEINHAUS|payroll|payroll services
"""

CONTRACTS = """
vendor|capability|start|end|notice_days|auto_renew|annual_price|seats_paid|seats_active|uplift
Falkenburg Diagnose-Portal|diagnosis|2025-01-01|2026-12-31|180|yes|5698|||0.12
Falkenburg Motorenwerke|brand licence|2022-01-01|2026-12-31|365|no|10786|||0.06
DATEV|bookkeeping|2025-07-01|2026-06-30|45|yes|1207|2|2|0.07
Microsoft 365|office suite|2025-09-15|2026-09-14|30|yes|1179|8|5|0.05
Werkstattkompass|workshop planning|2025-10-01|2026-09-30|60|yes|2038|9|6|0.14
Kfz-Datenhaus Süd|technical data|2026-03-18|2027-03-17|90|yes|2204|||0.06
Boxwood Vault|file storage|2024-09-24|2026-09-23|90|yes|538|||0.15
Deutsche Telekom|internet|2024-09-20|2026-09-19|30|yes|1641|||0.06
ESET|endpoint security|2025-10-16|2026-10-15|30|yes|329|10|8|0.06
Kernow EDV-Service|IT support|2024-01-01|2026-12-31|90|yes|3994|||0.04
Radio Ammertal|advertising|2025-07-01|2026-12-31|60|yes|4560|||
"""

ASSETS = """
technology|vendor|capability|cost|in_service|salvage|yearly_cost|staff_hours|end_of_life|integrates_with
Front-desk computers (4)|Lenovo|computers|3600|2019-04-16|80|240|36|2025-10-14|Werkstattkompass
Diagnosis laptops (3)|Falkenburg Motorenwerke|diagnosis|8700|2018-09-20|300|780|64|2026-12-31|Falkenburg Diagnose-Portal
Small server|HP|file server|4100|2016-06-14|0|560|48|2027-01-12|Front-desk computers (4)
Telephone system|Aldwin|telephone|2900|2014-03-27|0|210|16||
Wheel aligner|Hallberg Hebetechnik|wheel alignment|19500|2013-11-21|1500|1350|70||
Brake tester|Hallberg Hebetechnik|inspection|14800|2017-02-15|2100|740|22||
Card terminals (2)|Paygrove|payments|640|2021-05-19|0|0|6|2026-09-30|
"""

INITIATIVES = """
id|name|goal|purpose|owner|cost_per_quarter|hours_per_quarter|benefit_low|benefit_mode|benefit_high|p_success|earliest|deadline|duration|after|mandatory|synergy_with|tags|replaces
hv|High-voltage bay and training|serve electric cars|differentiate|Jörg|9800|120|5000|31000|64000|0.65|2026-10-01||2|laptops|||training;niche|
laptops|Replace diagnosis laptops|stay open|contain|Jörg|4300|24|1500|5200|9000|0.95|2026-07-01|2026-12-31|1||yes|hv|security|Diagnosis laptops (3)
booking|Online booking with reminders|fuller days|generate|Sevim|1600|45|3000|14500|26000|0.7|2026-07-01||1|||second|customer experience;mobile|
payroll|Payroll through a service|less waiting|reduce|Sevim|500|22|600|1900|3200|0.9|2026-10-01||1||||quick win;cloud|
second|Service for a second brand|depend less on one maker|differentiate|Jörg|7400|150|-4000|26000|58000|0.5|2027-01-01||3|booking|||niche|
backup|Tested copy of customer and job data|stay open|contain|Sevim|350|14|400|2600|6000|0.92|2026-07-01||1||yes||security;quick win|
media|Radio money into search and reviews|reach younger drivers|generate|Sevim|900|28|-1500|5200|13000|0.6|2026-10-01||1||||customer experience|
"""

OPTIONS = """
decision|option|fee|admin_hours|queries|wait_hours|error_rate|penalty|decision_days|p_fail|switching_cost|current|offers
payroll|Lohnbüro Steinhaus by hand|1871|46|4|6.5|4|160|9|0.09|1600|yes|bank transfer
payroll|payroll service with a portal|2650|14|4|0.2|0.5|160|0.5|0.01|900|no|bank transfer; self-service; tax filings
bookkeeping|paper folders to the accountant|4876|90|0|0|3|220|21|0.03|2600|yes|tax filings
bookkeeping|scans and bank feed to the accountant|5400|28|0|0|1|220|2|0.02|1400|no|tax filings; self-service
"""

GARAGE = Recipe(
    id="one-make-garage",
    profile={
        "name": "Autowerkstatt Brandstätter",
        "sector": "all",
        "setting": "services",
        "currency": "EUR",
        "employees": 9,
        "yearly_revenue": 1_190_000,
        "hourly_wage": 25.5,
        "discount_rate": 0.09,
    },
    dialect=Dialect(
        encoding="cp1252", delimiter=";", decimal=",", date="%d.%m.%Y", newline="\r\n", sign="€"
    ),
    start=dt.date(2024, 1, 1),
    regular=REGULAR,
    occasional=OCCASIONAL,
    tables={
        "suppliers": parse_block(SUPPLIERS),
        "vendors": parse_vendors(VENDORS, AGREEMENTS),
        "vendor_events": parse_block(EVENTS),
        "mitigations": parse_block(MITIGATIONS),
        "contracts": parse_block(CONTRACTS),
        "assets": parse_block(ASSETS),
        "initiatives": parse_block(INITIATIVES),
        "options": parse_block(OPTIONS),
    },
    ledger_columns=LEDGER_COLUMNS,
    blemishes={
        "exact duplicate": 9,
        "missing amount": 4,
        "impossible date": 3,
        "no date": 2,
        "redacted supplier": 3,
        "no supplier": 1,
        "thousands mark": 8,
        "brackets": 3,
        "currency sign": 5,
        "trailing blanks": 6,
        "letter case": 5,
        "other currency": 3,
    },
    spoiled=(("assets", 4, "in_service", "31.11.2013", "impossible date"),),
)
