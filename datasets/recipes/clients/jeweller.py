# ruff: noqa: E501 - a row of a table stays on one line
"""Marlow & Finch: a jewellery retailer with five makers; no contracts table."""

from __future__ import annotations

import datetime as dt

from recipes.blocks import parse_block, parse_vendors
from recipes.recipe import LEDGER_COLUMNS, Dialect, Recipe

__all__ = ["JEWELLER"]

REGULAR = """
supplier|account|every|price|changes|seats|season|noise|from|until|memo
Castlegate Estates|Rent of shop|quarter:3:25|13250|2025-03 +2%|||0|||quarter in advance
Wexcombe Borough Council|Business rates|month:1|1240|2025-04 +4.5%; 2026-04 +3%|||0|||
Tillwise|Till software (EPOS)|month:6|84|2025-02 +9%; 2026-02 +10%|2; 2025-09 3||0|||# tills
Xero|Accounting software|month:9|37|2024-09 +8%; 2025-09 +9%|||0|||
Microsoft 365|Software subscriptions|month:11|10.3|2025-04 +5%|5; 2024-10 7||0|||# users
Shopify|Online shop|month:15|65|2024-05 +22%; 2026-01 +7%|||0|||
Klaviyo|Email marketing|month:17|78|2025-03 +16%|||.04|2024-04||
Canva|Design subscription|month:20|10.99|2025-01 +30%|1; 2025-02 3||0|||# seats
Dext|Bookkeeping software|month:8|24|2025-06 +12%|||0|||
Dropbox|Software subscriptions|month:23|15||4||0|||# users
Breathe HR|HR software|month:5|28||||0|2024-11||
BrightPay|Payroll software|year:04-08|229|2025-04 +9%|||0|||
Gemledger|Stock software|month:13|145|2025-07 +8%|||0|||stones and repairs register
Lanternpost Web|Website|month:2|295|2025-01 +5%|||0|||care plan
Fernhill IT|IT support|month:3|240|2025-05 +4%|||0|||
BT Business|Telephone and broadband|month:18|88|2025-04 +7.7%; 2026-04 +6%|||.02|||
EE Limited|Mobile phones|month:21|24|2025-04 +8%|2; 2025-08 3||.03|||# lines
British Gas|Gas and electricity|month:24|430|2025-01 +5%||winter .42|.07|||
Severn Trent|Water charges|quarter:2:12|118|||||||
Biffa|Waste collection|month:26|68|2025-04 +6%|||0|||
Verisure|Alarm and CCTV|month:4|139|2025-03 +7%|||0|||
Ravensbourne Jewellers Block|Insurance|year:10-19|11800|2024-10 +6%; 2025-10 +14%|||0|||stock and safe
Aviva|Insurance|month:27|96|||||||employer liability
Worldpay|Card processing fees|month:3|980|2026-01 +6%||december 1.7|.08|||
Klarna|Card processing fees|month:12|160|||december 1.5|.2|||
Wickfield Accountants|Accountancy fees|month:14|265|2025-07 +6%|||0|||
Lloyds Bank|Bank charges|month:28|38||||.2|||
HM Revenue & Customs|VAT|quarter:2:7|21400||||.18|||
Wexcombe Herald|Newspaper advertising|month:16|340||||||2025-12|
Hallmark Quarter Assay|Hallmarking fees|month:10|210|||december .8|.2|||
Rentokil|Cleaning and hygiene|month:22|54|2025-02 +5%|||0|||
Google Workspace|Software subscriptions|month:19|9.2||3||0||2025-08|# users, old domain
"""

OCCASIONAL = """
supplier|account|yearly|typical|spread|season|from|until|memo
Ilse Norrland Smycken|Stock purchases|30|3300|.6|december .8|||collection #
Aurelio Fanti Gioielli|Stock purchases|26|3900|.6|december .9|||
Hartwell & Rose Silver|Stock purchases|48|1250|.7|december .9|||
Kestrel Watch Company|Stock purchases|34|2100|.6|december 1.1|||
Tidemark Pearls|Stock purchases|16|1900|.6||||
Birmingham Findings|Repair materials|64|92|.9||||
Cotswold Bullion|Repair materials|22|640|.8||||scrap against gold
Anselm Stone Setting|Workshop subcontract|58|155|.6||||job #
Royal Mail|Postage special delivery|150|14|.6|december 1.2|||
DPD|Courier|44|12|.5|december 1.2|||
Boxmoor Packaging|Packaging|14|310|.6|autumn .4|||
Google Ads|Online advertising|26|230|.4|december .8|||
Meta Ads|Social media advertising|30|150|.5|december .8|2024-02||
Viking Direct|Office stationery|16|52|.7||||
Amazon Business|Office supplies|40|38|.9||||
Vistaprint|Printing and leaflets|7|140|.6||||
Currys Business|Computer equipment|3|420|.6||||
Ricoh|Printer consumables|8|72|.5||||
Trainline|Travel|16|58|.6||||
Premier Inn|Travel|6|94|.4||||trade fair
Alderbank Jewellery Fair|Exhibition|2|1850|.3||||stand
Sorrel Marketing|Marketing agency|5|640|.5||||shoot and posts
Gemmological Society|Training courses|3|520|.4||||
Trustpilot|Marketing subscriptions|4|210|.2||2025-02||
Wexcombe Shopfitters|Shop fittings|2|1500|.8||||
Locke Safes|Repairs and maintenance|3|280|.6||||safe service
Screwfix|Repairs and maintenance|10|34|.7||||
"""

AGREEMENTS = """
vendor|agreement_ends|not_renewed
Aurelio Fanti Gioielli|2026-03-31|
"""

VENDORS = """
vendor|relation|role|founded|size|sector|owner|crit|share|records|value|switch|retool|prepaid|weeks|margin|hubs|have|brand
Ilse Norrland Smycken|direct|maker of rings|2008|11|manufacturing|private|5|0.24|0|0|5500|1200|6800|8|1450|||5555554
Aurelio Fanti Gioielli|direct|maker of gold|1962|28|manufacturing|private|5|0.22|0|0|6000|800|9400|8|1300|||2342332
Kestrel Watch Company|direct|watch brand|2001|90|manufacturing|private|4|0.18|0|0|4200|2600|3500|6|980|||3444433
Hartwell & Rose Silver|direct|maker of silver|1976|16|manufacturing|private|4|0.14|0|0|3000|400|1900|5|740||2|3343-22
Tidemark Pearls|direct|pearl importer|2019|4|wholesale|private|3|0.06|0|0|1800|0|2400|4|420||2|4424454
Anselm Stone Setting|indirect|setting workshop|1994|2|manufacturing|private|4|0.12|0|0|2500|0|0|5|620|||1343-31
Gemledger|indirect|stock and repairs register|2020|6|information|private|4|0|21000|0.9|5200|1900|0|2|700|Quayside Hosting:0.6||4424334
Tillwise|indirect|tills|2017|140|information|venture|4|0.1|9000|0.3|2400|900|0|1|1500|Nimbra Cloud:0.3||5545445
Lanternpost Web|indirect|web agency|2016|6|professional|private|3|0.16|900|2|3800|0|0|1.5|650|Quayside Hosting:0.3||3434443
Quayside Hosting|indirect|web hosting of the agency|2014|22|information|private|3|0.16|1200|0.5|900|0|0|0.5|650|||3342324
Fernhill IT|indirect|IT support|2011|14|professional|private|3|0|250|6|1900|0|0|1|350|||4444442
Wickfield Accountants|indirect|accountant|1994|11|professional|private|3|0|3100|1.1|2200|0|0|1|150||x|2243222
Sorrel Marketing|indirect|marketing agency|2018|5|professional|private|2|0.05|400|1.5|1500|0|0|1|280|||4545554
Ravensbourne Jewellers Block|indirect|insurer|1948|420|finance|private|4|0|0|0|1500|0|5600|1|500||2|2243-22
Boxmoor Packaging|indirect|boxes and bags|2003|25|wholesale|private|1|0|0|0|300|0|0|0.5|80||2|
"""

EVENTS = """
vendor|date|kind|note
Aurelio Fanti Gioielli|2026-01-22|ownership|sons have taken over, founder ill
Tidemark Pearls|2026-04-15|environment|import duty on pearls raised
Gemledger|2025-10-28|personnel|one of two developers left
Kestrel Watch Company|2026-06-17|policy|will sell to customers directly from 2027
"""

MITIGATIONS = """
vendor|option|yearly_cost|probability_factor|loss_factor
Ilse Norrland Smycken|pay on delivery, not in advance|900|1|0.7
Aurelio Fanti Gioielli|second maker of gold|1600|1|0.6
Gemledger|monthly export|180|1|0.35
Gemledger|source code in escrow|1200|1|0.7
Kestrel Watch Company|own watch line with a small maker|3200|1|0.65
Anselm Stone Setting|train a second setter|2200|0.8|0.5
"""

ASSETS = """
technology|vendor|capability|cost|in_service|salvage|yearly_cost|staff_hours|end_of_life|integrates_with
Tills (3)|Tillwise|point of sale|2850|2020-09-23|120|260|22||Gemledger
Back-office computers (3)|HP|computers|2400|2018-05-16|40|190|42|2025-10-14|Gemledger;Online shop
Online shop|Lanternpost Web|online shop|9500|2019-11-20|0|3540|110||Tills (3)
Camera system|Verisure|security|3900|2016-08-18|0|420|12|2026-12-31|
Laser welder|Brellmark|repairs|11200|2014-04-29|1800|650|35||
Card terminals (3)|Worldpay|payments|720|2022-02-15|0|0|6||Tills (3)
"""

INITIATIVES = """
id|name|goal|purpose|owner|cost_per_quarter|hours_per_quarter|benefit_low|benefit_mode|benefit_high|p_success|earliest|deadline|duration|after|mandatory|synergy_with|tags|replaces|resource
stocksync|One stock for tills, register and online shop|sell what we have|reduce|Priya|2400|60|2500|8800|15000|0.75|2026-07-01||2|||bespoke|integration;data||
computers|Replace the three old computers|stay open|contain|Tom|2300|20|600|2100|4000|0.95|2026-07-01|2026-12-31|1||yes||security|Back-office computers (3)|
bespoke|Design your own ring online|stand apart|differentiate|Priya|3800|95|-2000|24000|61000|0.45|2026-10-01||3|stocksync|||customer experience;niche||master goldsmith
reviews|Ask every customer for a review|be found|generate|Tom|250|16|1500|6200|12000|0.8|2026-07-01||1||||quick win;customer experience||
appointments|Appointments by video and in the shop|more wedding rings|generate|Priya|700|30|1500|9400|19000|0.7|2026-07-01||1||||customer experience||
herald|Newspaper money into search and social media|reach younger couples|generate|Tom|600|14|-800|4300|9800|0.65|2026-10-01||1||||quick win||
"""

OPTIONS = """
decision|option|fee|admin_hours|queries|wait_hours|error_rate|penalty|decision_days|p_fail|switching_cost|current|offers
bookkeeping|files sent to the accountant|3180|78|0|0|4|190|18|0.03|2200|yes|tax filings
bookkeeping|live books shared with the accountant|3900|26|0|0|1|190|0.5|0.02|1200|no|self-service; tax filings
till|old till, numbers typed over|0|170|0|0|22|28|3|0.02|600|yes|
till|Tillwise connected to the online shop|3600|30|0|0|3|28|0|0.07|2400|no|
"""

JEWELLER = Recipe(
    id="jewellery-shop",
    profile={
        "name": "Marlow & Finch Jewellers",
        "sector": "retail",
        "setting": "retail",
        "currency": "GBP",
        "employees": 7,
        "yearly_revenue": 1_020_000,
        "hourly_wage": 15.2,
        "discount_rate": 0.10,
    },
    dialect=Dialect(encoding="utf-8-sig", date="%d/%m/%Y", newline="\r\n", sign="£"),
    start=dt.date(2023, 7, 1),
    regular=REGULAR,
    occasional=OCCASIONAL,
    tables={
        "vendors": parse_vendors(VENDORS, AGREEMENTS),
        "vendor_events": parse_block(EVENTS),
        "mitigations": parse_block(MITIGATIONS),
        "assets": parse_block(ASSETS),
        "initiatives": parse_block(INITIATIVES),
        "options": parse_block(OPTIONS),
    },
    ledger_columns=LEDGER_COLUMNS,
    blemishes={
        "exact duplicate": 12,
        "missing amount": 5,
        "amount in words": 1,
        "impossible date": 4,
        "redacted supplier": 4,
        "thousands mark": 8,
        "brackets": 4,
        "currency sign": 7,
        "trailing blanks": 8,
        "letter case": 7,
        "other currency": 5,
        "too few fields": 1,
    },
)
