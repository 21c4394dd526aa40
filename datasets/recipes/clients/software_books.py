# ruff: noqa: E501 - a row of a table stays on one line
"""Quillmark's payments, kept apart because the firm's other tables are long."""

from __future__ import annotations

__all__ = ["OCCASIONAL", "REGULAR"]

REGULAR = """
supplier|account|every|price|changes|seats|season|noise|from|until|memo
Nimbra Cloud|Cloud hosting|month:3|19800|2024-07 +8%; 2025-07 +10%; 2026-01 +6%|||.05|||
Halcyon Data Store|Cloud hosting|month:5|7400|2024-09 +12%; 2025-09 +14%|||.04|||
Keyholm Identity|Software subscriptions|month:15|3400|2024-10 +14%; 2025-10 +13%|||.02|||
Signalbarn Text Gateway|Text messages|month:17|820|2025-03 +6%|||.15|||
Watchtarn Metrics|IT monitoring software|month:20|1200||||0|2025-11||trial kept running
Tracepine Monitoring|IT monitoring software|month:7|2450|2024-12 +14%; 2025-12 +15%|||.03|||
Codequay|Software development tools|month:1|36|2025-02 +11%; 2026-02 +8%|38; 2024-06 42; 2025-09 46||0|||# seats
GitHub|Software development tools|month:9|21||8; 2025-01 4||0|||# seats
JetBrains|Software development tools|year:03-11|14200|2025-03 +8%; 2026-03 +9%|||0|||
Atlassian|Software subscriptions|month:11|7.9|2024-10 +8%; 2025-10 +9%|55; 2025-01 62||0|||# users
Salesforce|Customer relationship software|month:16|138|2024-08 +9%; 2025-08 +9%|24; 2024-08 30; 2025-08 34||0|||# users
HubSpot|Marketing automation software|month:2|1650|2025-05 +9%|||0|||
Channelhook|Partner portal software|month:4|3300|2024-08 +9%; 2025-08 +9%|||0|||
Dealdesk Quoting|Sales software|month:12|48|2025-01 +10%; 2026-01 +13%|40; 2025-01 60||0|2024-01||# users
Helpfern|Support desk software|month:6|90|2024-10 +6%; 2025-10 +6%|20; 2025-03 24||0|||# agents
Slack|Software subscriptions|month:10|10.5|2025-09 +7%|64; 2024-11 70||0|||# users
Microsoft 365|Software subscriptions|month:8|21|2025-04 +5%|60; 2024-11 70||0|||# seats
Google Workspace|Software subscriptions|month:20|10.7|2025-03 +17%|21||0|||# seats
Zoom|Software subscriptions|month:14|14.9|2025-06 +6%|40||0|||# licences
DocuSign|Software subscriptions|year:04-09|5400|2025-04 +9%; 2026-04 +10%|||0|||
Figma|Design software|month:21|45|2025-03 +20%|9||0|||# editors
Adobe Creative Cloud|Design software|month:22|84|2024-11 +6%; 2025-11 +8%|6; 2025-04 7||0|||# seats
1Password|IT security|year:02-18|5900|2025-02 +8%; 2026-02 +8%|||0|||
CrowdStrike|IT security|year:07-14|8900|2024-07 +7%; 2025-07 +9%|||0|||
Okta|IT security|month:18|410||||0||2024-09|
OpenAI|Artificial intelligence services|month:23|380|2025-06 +30%|||.3|2024-03||
Anthropic|Artificial intelligence services|month:24|640|2026-01 +25%|||.3|2025-02||
Amazon Web Services|Cloud hosting|month:4|1450|2025-01 -30%|||.12|||old product line
Cloudflare|Cloud hosting|month:13|540|2025-07 +10%|||.03|||
Ledgerforge ERP|ERP software|month:1|2250|2025-04 +8%; 2026-04 +8%|||0|||
Copperleaf Books|Accounting software|month:19|240|2025-03 +9%; 2026-03 +11%|||0|||
Expensify|Accounting software|month:25|9|2025-02 +11%|48; 2025-02 60||0|||# users
Boxwood Vault|Cloud storage|month:24|305|2026-01 +15%|||0|2024-02||
Harrowgate Payroll|Payroll service fees|fortnight:4|7.2|2025-07 +6%|55; 2024-09 58; 2025-10 62||0|||# employees
BambooHR|HR software|month:26|620|2025-05 +10%|||0|||
Fernhill IT|IT support|month:2|2100|2025-01 +5%; 2026-01 +5%|||0|||
Corporate Quarter Offices|Rent of premises|month:1|15000|2024-04 +3%; 2025-04 +3%; 2026-04 +3%|||0|||
Con Edison|Electricity|month:20|2150|2025-01 +6%||summer .25|.06|||
Lumen|Telephone and internet|month:9|1180|2025-08 +6%|||.01|||
Verizon Wireless|Mobile phones|month:17|52||26; 2025-02 31||.03|||# lines
Brightstep Cleaning|Cleaning|week:4|420|2025-04 +4%|||0|||
Hiscox|Professional insurance|quarter:1:11|9800|2025-01 +7%; 2026-01 +8%|||0|||
Northwind Integrators|Partner commissions|month:27|21500||||.25|||
Orsini Distribution|Partner commissions|month:28|9200||||.3|||
Calloway Systems House|Partner commissions|month:27|4100||||.35|||
Atlas Map Data|Cost of goods sold map data|quarter:1:2|22800|2024-10 +7%; 2025-10 +7%|||0|||
Foxglove Components|Cost of goods sold components|year:05-06|16200|2025-05 +6%; 2026-05 +6%|||0|||
Paygrove|Card processing fees|month:3|6900|2026-02 +6%|||.07|||
Wells Fargo|Bank charges|month:29|140||||.2|||
Wickfield Accountants|Accountancy fees|month:25|2400|2025-07 +6%|||0|||
Sorrel Marketing|Marketing agency|month:18|5200|2025-01 +6%|||0|||
LinkedIn Sales Navigator|Sales software|month:13|99|2025-05 +10%|9; 2025-01 12||0|||# seats
LinkedIn Jobs|Recruitment advertising|month:15|890||||.35|||
Corriveau Contract Developers|Contractors|month:26|31000||||.2|||
Bay City Health Plan|Employee benefits health insurance|month:2|46500|2024-10 +8%; 2025-10 +10%|||.01|||
"""

OCCASIONAL = """
supplier|account|yearly|typical|spread|season|from|until|memo
Google Ads|Online advertising|30|2600|.5||||
Meta Ads|Social media advertising|16|700|.5||||
LinkedIn Ads|Online advertising|18|1900|.5||||
Corriveau Contract Developers|Contractors|14|8400|.6||||fixed price task #
Lumenbridge Recruiting|Recruitment fees|7|14500|.4||||placement
Ravenhill Penetration Testing|IT security testing|2|13500|.3||||
Stonecut Legal|Legal fees|12|3200|.7||||matter #
Meridian Events|Trade show|4|11500|.5||||
Partner Summit Venue|Conference|1.2|24000|.2||||partner days
Channel market funds|Marketing market development funds|46|1900|.6||||claim #
Delta Air Lines|Travel|90|420|.5||||
Southwest Airlines|Travel|60|290|.5||||
Marriott|Travel|70|460|.5||||
Hilton|Travel|44|430|.5||||
Uber|Travel|150|31|.6||||
Expedia|Travel|14|520|.5||||
Amazon Business|Office supplies|90|92|.9||||
Staples|Office supplies|20|110|.7||||
Dell|Computer hardware|10|1850|.5||||
Lenovo|Computer hardware|12|1700|.4||||
CDW|Computer hardware|12|780|.8||||
Apple Business|Computer hardware|8|2100|.4||||
Udemy|Training courses|10|190|.7||||
Coursera|Training courses|6|260|.6||||
FedEx|Courier|24|44|.6||||
Fiverr|Design freelancers|10|260|.7||||
Upwork|Contractors|22|1250|.6||||
Catering by Odessa|Staff meals|48|310|.5||||
Analyst House Reports|Research|3|7800|.3||||
Donovan & Price Audit|Audit fees|2|16500|.2||||
Internal Revenue Service|Income tax|4|42000|.3||||
Signage & Swag Co|Promotion items|9|1300|.6||||
"""
