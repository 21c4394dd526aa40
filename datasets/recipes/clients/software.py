# ruff: noqa: E501 - a row of a table stays on one line
"""Quillmark: a software firm with some thirty partners who quote, check and sell for it."""

from __future__ import annotations

import datetime as dt

from recipes.blocks import parse_block, parse_vendors
from recipes.channels import Channel
from recipes.clients.software_books import OCCASIONAL, REGULAR
from recipes.recipe import LEDGER_COLUMNS, Dialect, Recipe

__all__ = ["SOFTWARE"]

VENDORS = """
vendor|relation|role|founded|size|sector|owner|crit|share|records|value|switch|retool|prepaid|weeks|margin|hubs|have|brand
Nimbra Cloud|indirect|cloud hosting|2009|2400|information|public|5|0.95|900000|0.05|160000|70000|24000|3|78000||x|4455455
Halcyon Data Store|indirect|managed database|2019|85|information|venture|5|0.9|1200000|0.04|74000|26000|18000|2.5|64000|Nimbra Cloud:0.45|x|5535545
Keyholm Identity|indirect|sign-in for customers|2017|160|information|venture|5|0.9|42000|0.6|48000|21000|9500|1.5|60000|Nimbra Cloud:0.3||4545545
Signalbarn Text Gateway|indirect|messages to users|2014|95|information|private|3|0.1|0|0|9000|3500|1200|1|9000|Nimbra Cloud:0.2|2|4444445
Tracepine Monitoring|indirect|monitoring|2021|30|information|venture|3|0|60000|0.02|12000|6000|6400|1|6000|Nimbra Cloud:0.4||5525545
Codequay|indirect|code hosting and builds|2016|210|information|venture|4|0|2600|9|22000|12000|8200|1.5|21000|Nimbra Cloud:0.25|x|5545545
Paygrove|indirect|card payments|2012|380|finance|public|4|0.35|9000|0.4|12000|5000|0|1|24000||2|4344445
Ledgerforge ERP|indirect|ERP software|2015|38|information|venture|3|0|52000|0.9|36000|11000|7600|2|5000|Nimbra Cloud:0.35||4434333
Copperleaf Books|indirect|expenses and bookkeeping|2019|45|information|venture|2|0|18000|0.6|5600|1200|0|1|1200|Nimbra Cloud:0.25|x|5535445
Boxwood Vault|indirect|signed contracts|2023|9|information|venture|3|0.02|16000|1.6|6800|1400|2100|1|2800|Nimbra Cloud:0.4||5415434
Dealdesk Quoting|indirect|quoting for partners|2020|22|information|venture|4|0.45|31000|0.7|26000|15000|9800|3|18000|Nimbra Cloud:0.35||4525544
Channelhook|indirect|partner portal|2018|41|information|venture|4|0.45|14000|0.8|21000|12000|11500|2|12000|Nimbra Cloud:0.3;Keyholm Identity:0.15||4434444
Helpfern|indirect|support desk|2015|130|information|private|4|0|210000|0.06|16000|8000|7200|1|9000|Nimbra Cloud:0.25|x|4444445
Harrowgate Payroll|indirect|payroll service|2003|210|professional|private|4|0|3400|2.5|6500|0|0|1|1500||x2|4443345
Fernhill IT|indirect|office IT|2011|14|professional|private|2|0|700|6|6000|900|0|1|1800|||4444442
Sorrel Marketing|indirect|marketing agency|2018|5|professional|private|2|0.04|900|1.5|5200|0|0|1|2600|||4545554
Wickfield Accountants|indirect|accountant|1994|11|professional|private|3|0|6200|1.1|7200|0|0|1|600||x|2243222
Ravenhill Penetration Testing|indirect|security testing|2013|26|professional|private|3|0.2|300|5|7800|0|0|1|3000||2|4444-44
Northwind Integrators|direct|partner with most revenue|1999|310|professional|private|5|0.24|6000|2|64000|22000|0|9|31000|||4354444
Calloway Systems House|direct|partner|2005|95|professional|private|3|0.06|1800|2|18000|6000|0|6|7800|||3344-43
Blackwell & Ito Consulting|direct|strategic partner|2010|140|professional|private|3|0.05|900|3|24000|9000|0|7|6400|||4454554
Orsini Distribution|direct|distributor|1992|420|wholesale|public|4|0.07|3200|1|21000|5000|0|5|8800|||3243-33
Atlas Map Data|direct|map data inside the product|2008|64|information|private|4|0.4|0|0|52000|34000|26000|6|28000||s|3344-34
Foxglove Components|direct|chart components inside the product|2012|8|information|private|3|0.2|0|0|18000|31000|4200|2|6000||s|3424-23
Corporate Quarter Offices|indirect|office landlord|1988|40|finance|private|2|0|0|0|28000|9000|16500|1|4000|||
Lumenbridge Recruiting|indirect|recruiting|2017|12|administrative|private|2|0|0|0|1500|0|0|0.5|1500||2|4444-55
"""

EVENTS = """
vendor|date|kind|note
Northwind Integrators|2026-02-09|personnel|head of our practice left for a rival
Halcyon Data Store|2026-05-04|ownership|bid by a larger cloud firm confirmed
Channelhook|2025-11-10|personnel|a third of the staff let go
Foxglove Components|2026-01-19|structure|owner looks for a successor
Keyholm Identity|2026-03-30|policy|price per user doubles at renewal
Orsini Distribution|2025-08-25|structure|software division merged with hardware
Boxwood Vault|2025-12-02|policy|free export withdrawn, export now on request
Dealdesk Quoting|2026-06-08|environment|large rival gives quoting away
"""

MITIGATIONS = """
vendor|option|yearly_cost|probability_factor|loss_factor
Nimbra Cloud|warm copy at a second cloud|84000|1|0.45
Nimbra Cloud|weekly copy off the cloud, restored each quarter|19000|1|0.75
Halcyon Data Store|nightly dump to own storage|9000|1|0.5
Keyholm Identity|own sign-in kept as a fallback|24000|1|0.4
Dealdesk Quoting|weekly export of quotes and prices|1800|1|0.55
Channelhook|weekly export|900|1|0.6
Northwind Integrators|direct relation with its ten largest customers|36000|1|0.6
Northwind Integrators|second integrator in the region|52000|0.9|0.5
Foxglove Components|buy the source code|14000|1|0.3
Atlas Map Data|second map source behind one interface|22000|1|0.4
Boxwood Vault|monthly export|240|1|0.35
"""

NAMES = """
raw|vendor
SORREL MARKETING 419|Sorrel Marketing
"""

CONTRACTS = """
vendor|capability|start|end|notice_days|auto_renew|annual_price|seats_paid|seats_active|uplift
Nimbra Cloud|cloud hosting|2024-07-01|2027-06-30|90|no|312000|||0.04
Halcyon Data Store|database|2025-09-01|2026-08-31|60|yes|118000|||0.1
Keyholm Identity|sign-in|2025-10-15|2026-10-14|90|yes|52800|||1
Codequay|code hosting|2026-02-01|2027-01-31|30|yes|24200|46|38|0.08
Tracepine Monitoring|monitoring|2025-12-01|2026-11-30|60|yes|38500|||0.12
Watchtarn Metrics|monitoring|2025-11-20|2026-11-19|30|yes|14400|10|2|0.1
Salesforce|customer relations|2025-08-16|2026-08-15|60|yes|61200|34|22|0.09
HubSpot|customer relations|2025-05-01|2027-04-30|60|yes|21600|12|5|0.08
Channelhook|partner portal|2025-08-01|2026-07-31|60|yes|46800|||0.09
Dealdesk Quoting|quoting|2026-01-12|2027-01-11|60|yes|39200|60|51|0.1
Helpfern|support desk|2025-10-01|2026-09-30|45|yes|28800|24|19|0.06
Slack|chat|2025-09-10|2026-09-09|30|yes|9450|70|61|0.07
Microsoft 365|office suite|2025-11-01|2026-10-31|30|yes|18480|70|62|0.05
Google Workspace|office suite|2025-06-20|2026-12-19|30|yes|3150|21|4|0.17
Zoom|video meetings|2025-07-15|2026-07-14|30|yes|7560|40|21|0.06
Ledgerforge ERP|ERP|2024-04-01|2027-03-31|120|yes|31400||14|0.09
Boxwood Vault|file storage|2025-02-01|2027-01-31|90|yes|4200|||0.15
Atlas Map Data|map data|2024-10-01|2026-09-30|120|no|104000|||0.07
Corporate Quarter Offices|premises|2022-04-01|2027-03-31|270|no|198000|||0.03
"""

ASSETS = """
technology|vendor|capability|cost|in_service|salvage|yearly_cost|staff_hours|end_of_life|integrates_with
Quillmark 4 (old product line)||product|240000|2014-05-01|0|38000|2100|2027-12-31|License server
License server||licensing|26000|2013-09-16|0|5200|420|2027-01-12|Quillmark 4 (old product line);Ledgerforge ERP
Quoting spreadsheets||quoting|0|2016-02-01|0|0|1900||Salesforce
Developer laptops (38)|Lenovo|computers|76000|2023-03-13|14000|2200|80||
Older laptops (24)|Dell|computers|33600|2019-08-19|900|3100|190|2025-10-14|
Build machines (6)|Dell|builds|42000|2018-11-05|1500|4800|160||Codequay
Office network|Ubiquiti|network|14500|2020-01-27|600|700|40||
"""

INITIATIVES = """
id|name|goal|purpose|owner|cost_per_quarter|hours_per_quarter|benefit_low|benefit_mode|benefit_high|p_success|earliest|deadline|duration|after|mandatory|synergy_with|tags|replaces|resource
laptops|Replace the older laptops|stay safe|contain|Greta|41000|90|9000|24000|39000|0.95|2026-07-01|2026-12-31|1||yes||security|Older laptops (24)|
selfquote|Partners quote without us|faster quotes|reduce|Hamid|38000|640|60000|215000|360000|0.65|2026-07-01||2|prices||second|automation;customer experience|Quoting spreadsheets|
prices|One price list for all systems|faster quotes|reduce|Hamid|9000|210|12000|41000|70000|0.8|2026-07-01||1|||selfquote|data;integration||
second|Recruit integrators in two regions|depend less on one partner|generate|Lucia|46000|380|-40000|240000|610000|0.45|2026-10-01||4|onboard|||niche||
onboard|First-ninety-days plan for new partners|more of them sell|generate|Lucia|12000|260|20000|125000|260000|0.6|2026-07-01||2|||second|training||
retire|Move customers off the old product line|lower upkeep|reduce|Anders|52000|900|30000|140000|230000|0.7|2026-10-01|2027-12-31|4||yes||integration|Quillmark 4 (old product line);License server|
usage|Usage figures shared with partners|partners renew earlier|differentiate|Anders|31000|520|0|160000|340000|0.5|2026-10-01||3|portal|||data;customer experience||
portal|Partner portal linked to customer records|credit for wins|generate|Lucia|18000|300|15000|70000|130000|0.75|2026-07-01||2|||usage|integration||
copy|Warm copy at a second cloud|stay open|contain|Anders|28000|340|5000|52000|140000|0.85|2027-01-01||2||||cloud;security||
seats|Drop unused seats and the second office suite|spend less|reduce|Greta|500|24|21000|29000|36000|0.97|2026-07-01||1||||quick win||
assist|Assistant that drafts design checks|stand apart|differentiate|Hamid|44000|700|-60000|190000|520000|0.4|2027-01-01||3|prices|||automation;product||design rules of 20 years
"""

OPTIONS = """
decision|option|fee|admin_hours|queries|wait_hours|error_rate|penalty|decision_days|p_fail|switching_cost|current|offers
quoting|spreadsheets by email|0|3100|0|0|210|160|3.5|0|18000|yes|
quoting|Dealdesk Quoting|39200|1250|0|0|70|160|1|0.08|26000|no|self-service; approvals
quoting|own quoting pages in the portal|64000|900|0|0|45|160|0.3|0|15000|no|self-service
payroll|Harrowgate Payroll|11800|70|3|0.3|1|300|0.5|0.01|6500|yes|bank transfer; self-service; tax filings
payroll|payroll in the ERP|6200|260|3|2|4|300|2|0.04|5000|no|bank transfer
"""

PARTNERS = """
partner|kind|segment|signed|ended|owner|margin|cycle|trust|given|received|level
Northwind Integrators|alliance|strategic|2021-10-04||Lucia|0.68|120|5445|60000|210000|198000
Calloway Systems House|reseller|volume|2022-01-17||Lucia|0.7|75|4444|18000|42000|46000
Orsini Distribution|distributor|volume|2022-03-07||Hamid|0.62|60|4333|26000|30000|38000
Blackwell & Ito Consulting|alliance|strategic|2022-08-22||Lucia|0.72|150|4554|21000|35000|31000
Tern Digital|reseller|volume|2022-11-14||Hamid|0.7|75|4434|9000|14000|
Maplecourt IT|reseller|volume|2023-01-23||Hamid|0.7|75|3443|8000|9000|
Sable & Reed|referral|volume|2023-03-06||Hamid|0.82|60|4444|3000|6000|
Granite Peak Technologies|reseller|volume|2023-04-17|2025-03-31|Hamid|0.7|75|3222|7000|2000|
Ostrava Software Partners|reseller|volume|2023-06-12||Hamid|0.68|90|4334|8000|12000|
Kingfisher Analytics|alliance|strategic|2023-07-31||Lucia|0.74|180|4544|15000|11000|
Pellworm Systems|reseller|volume|2023-09-18||Hamid|0.7|75|2222|6000|0|0
Ardent Works|reseller|volume|2023-11-06||Hamid|0.7|75|4343|7000|9000|
Juniper Lane Consulting|referral|volume|2023-12-11||Hamid|0.82|60|3333|2500|1500|
Castellan Group|alliance|strategic|2024-01-29||Lucia|0.72|210|3433|19000|3000|
Mistral Informatique|reseller|volume|2024-02-26||Hamid|0.68|90|4444|8000|7000|
Bluegate Solutions|reseller|volume|2024-04-08||Hamid|0.7|75|3343|6500|0|0
Fourways Computing|reseller|volume|2024-05-20||Hamid|0.7|75|4333|6500|5000|
Hestia Cloud Services|reseller|volume|2024-07-15||Marco|0.7|75|4444|7000|6000|
Redwood & Sons Systems|referral|volume|2024-08-26|2025-10-31|Marco|0.82|60|2322|2000|0|0
Sundial Partners|alliance|strategic|2024-09-30||Lucia|0.73|180|4454|14000|4000|
Trellis Advisory|referral|volume|2024-11-11||Marco|0.82|60|4344|2500|2500|
Vantage North|reseller|volume|2025-01-20||Marco|0.7|75|3334|7000|3000|
Ilmarinen Oy|distributor|volume|2025-03-03||Marco|0.63|90|4443|12000|4000|
Copperfield Data|reseller|volume|2025-04-28||Marco|0.7|75|3233|6000|0|0
Lantern Street Labs|reseller|volume|2025-06-16||Marco|0.7|75|4444|6500|2000|
Wexler Brandt|alliance|strategic|2025-08-04||Lucia|0.72|200|4434|16000|1000|
Pinecone Business Systems|reseller|volume|2025-09-29||Marco|0.7|75|3333|6000|500|
Harbinger Consulting|referral|volume|2025-11-24||Marco|0.82|60|3443|2000|0|
Oakhurst Managed IT|reseller|volume|2026-01-26||Marco|0.7|75|4444|6000|0|
Delta Fjord|reseller|volume|2026-03-16||Marco|0.7|75||5000|0|
Stonebridge Digital|reseller|volume|2026-05-11||Marco|0.7|75||4000|0|
"""

PARTNER_EVENTS = """
partner|date|kind|note
Northwind Integrators|2026-02-09|people changed|head of our practice left for a rival
Calloway Systems House|2025-05-12|people changed|our channel manager for the region was replaced
Ostrava Software Partners|2025-09-01|responsibility moved|alliance moved from sales to marketing
Castellan Group|2025-06-23|resources withdrawn|their two engineers were sent to other work
Tern Digital|2025-02-17|people changed|third account manager in two years
Orsini Distribution|2025-08-25|structure|software division merged with hardware
Kingfisher Analytics|2025-11-17|ownership|bought by a consulting group
Maplecourt IT|2026-03-23|policy|we offered its largest customer a direct contract
Mistral Informatique|2026-01-12|environment|public tenders frozen
Sundial Partners|2026-04-06|people changed|alliance manager re-assigned
"""

SERVICES = """
partner|service|volume|hours_each|wage|dso_days
all|quotes|6000|0.75|48|0
all|design checks|1450|2.5|62|0
all|credit checks|900|0.4|38|47
all|first-line support|5200|0.5|42|0
Northwind Integrators|project planning|110|9|70|0
Orsini Distribution|invoicing and collection|2400|0.3|36|62
"""

PARTNER_WINS = """
partner|date|customer|value|named_inside|named_outside
Northwind Integrators|2025-08-19|Aldermoor Water|31200|yes|yes
Northwind Integrators|2025-10-07|Fallow County|18400|yes|no
Northwind Integrators|2025-12-16|Brackwell Rail|44900|no|no
Northwind Integrators|2026-02-24|Port of Hesper|27600|no|no
Northwind Integrators|2026-04-14|Tilling Foods|12800|no|no
Northwind Integrators|2026-06-02|Varley Gas|22300|no|no
Calloway Systems House|2025-09-23|Moss & Kettering|8700|yes|no
Calloway Systems House|2026-01-20|Ashgrove Clinics|9400|no|no
Calloway Systems House|2026-05-05|Sedge Farms|5200|no|no
Orsini Distribution|2025-11-11|Colline Ceramics|6100|no|no
Orsini Distribution|2026-03-03|Bracci Packaging|7900|no|no
Blackwell & Ito Consulting|2025-10-28|Morrow Pharma|36500|yes|yes
Blackwell & Ito Consulting|2026-03-17|Dunlin Bank|52000|yes|no
Maplecourt IT|2026-02-10|Elder Housing|4300|no|no
Mistral Informatique|2025-12-02|Ville de Sorgues|11700||
Hestia Cloud Services|2026-05-19|Plover Games|6800|yes|no
"""

PARTNER_CHARTER = """
partner|what|kind|side|agreed|given|since|until
Northwind Integrators|joint accounts named|scope|ours|40|40|2025-01-01|2026-12-31
Northwind Integrators|trained engineers|people|theirs|12|9|2025-01-01|2026-12-31
Northwind Integrators|days of our designers a month|people|ours|8|8|2025-01-01|2026-12-31
Castellan Group|engineers for the joint practice|people|theirs|2|0|2024-06-01|2026-11-30
Castellan Group|our alliance manager, days a week|people|ours|2|1|2024-06-01|2026-11-30
Castellan Group|launch funds a quarter|money|ours|6000|2000|2024-06-01|2026-11-30
Ostrava Software Partners|one owner in sales|set-up|ours|1|0|2024-09-01|2026-08-31
Ostrava Software Partners|trained consultants|people|theirs|4|4|2024-09-01|2026-08-31
Ostrava Software Partners|hours of our designers a month|people|ours|20|8|2024-09-01|2026-08-31
Kingfisher Analytics|shared demo environment|set-up|ours|1|1|2024-10-01|2026-09-30
Kingfisher Analytics|analysts on our product|people|theirs|3|1|2024-10-01|2026-09-30
Sundial Partners|alliance manager for two years|people|theirs|1|0|2025-01-15|2027-01-14
Sundial Partners|industries to be served|scope|theirs|3|3|2025-01-15|2027-01-14
Wexler Brandt|training places a quarter|money|ours|10||2025-09-01|2027-08-31
"""

PARTNER_BENEFITS = """
partner|date|kind|note|count|hours|wage
Northwind Integrators|2025-09-12|introduction|water companies met through its advisory board|3|0|
Northwind Integrators|2026-04-22|introduction|its group's purchasing office|2|0|
Northwind Integrators|2025-11-18|development|import filter written and given to us|1|220|68
Blackwell & Ito Consulting|2025-10-02|learning|taught our team to price by use|1|60|
Blackwell & Ito Consulting|2026-02-05|introduction|two banks it advises|2|0|
Orsini Distribution|2026-01-27|learning|southern tax rules for our invoices|1|85|
Kingfisher Analytics|2026-03-09|development|usage model shared with us|1|140|68
Sable & Reed|2025-12-01|introduction|firms that left its practice|6|0|
Sundial Partners|2026-05-13|introduction|ministry that buys direct only|1|0|
Castellan Group|2025-07-30|learning|tests for regulated clients|1|40|
"""

PARTNER_TRUST = """
partner|principle|score|evidence|date
Northwind Integrators|working on trust|4|trust is on the agenda of each quarter's review|2026-04-22
Northwind Integrators|customer first|5|advised a water company against a module it did not need|2026-03-18
Northwind Integrators|help without return|4|three introductions that led to nothing for it|2025-09-12
Northwind Integrators|shared view|4|plan for three years signed by both boards|2026-01-30
Castellan Group|customer first|3|moved a launch to suit its own quarter|2025-12-19
Castellan Group|honest disagreement|2|our price was contested before the customer, not before us|2026-02-11
Castellan Group|conflict as a chance|2|nobody called for six weeks after that meeting|2026-03-27
Castellan Group|uneven give and take||asked in the spring, no answer yet|
Orsini Distribution|empathy|4|warned us of the tax change before we felt it|2026-01-27
Orsini Distribution|flexibility|5|took stock back without a contract that says so|2025-11-05
Orsini Distribution|shared view|2|plans for two sectors we are leaving|2026-05-06
"""

SOFTWARE = Recipe(
    id="channel-software",
    profile={
        "name": "Quillmark Systems",
        "sector": "information",
        "setting": "services",
        "currency": "USD",
        "employees": 62,
        "yearly_revenue": 11_600_000,
        "hourly_wage": 51.0,
        "discount_rate": 0.12,
    },
    dialect=Dialect(formats={"partner_revenue": "parquet"}),
    start=dt.date(2023, 7, 1),
    regular=REGULAR,
    occasional=OCCASIONAL,
    tables={
        "vendor_names": parse_block(NAMES),
        "vendors": parse_vendors(VENDORS),
        "vendor_events": parse_block(EVENTS),
        "mitigations": parse_block(MITIGATIONS),
        "contracts": parse_block(CONTRACTS),
        "assets": parse_block(ASSETS),
        "initiatives": parse_block(INITIATIVES),
        "options": parse_block(OPTIONS),
        "partner_wins": parse_block(PARTNER_WINS),
        "partner_charter": parse_block(PARTNER_CHARTER),
        "partner_benefits": parse_block(PARTNER_BENEFITS),
        "partner_trust": parse_block(PARTNER_TRUST),
    },
    ledger_columns=LEDGER_COLUMNS,
    blemishes={
        "exact duplicate": 18,
        "missing amount": 7,
        "amount in words": 1,
        "impossible date": 4,
        "no date": 2,
        "redacted supplier": 6,
        "thousands mark": 14,
        "brackets": 5,
        "currency sign": 8,
        "trailing blanks": 9,
        "letter case": 9,
        "other currency": 6,
        "too few fields": 2,
    },
    channel=Channel(
        partners=PARTNERS,
        events=PARTNER_EVENTS,
        services=SERVICES,
        typical=7500,
        spread=1.1,
        order=5200,
        ramp_months=11,
        growth=0.1,
        season="12 .14",
        spend=(6500, 2400, 1800, 21_000),
        plan=(958_000, 0.19, 512_000, 0.06, 18),
        stages=("registered", "design check", "quoted", "verbal"),
        open_opportunities=120,
        clawback="Calloway Systems House|2025-01-01|-4350.00",
    ),
    spoiled=(
        ("pipeline", 11, "value", "", "missing amount"),
        ("partner_investment", 40, "month", "2025-13-01", "impossible date"),
    ),
)
