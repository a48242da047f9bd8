-- A returned row is a receipt whose gross, discounts and returns do not make its net sales. It
-- exists because the shopper's, the store's and the maker's discounts come in three columns, and
-- adding the maker's by mistake would still look plausible.
{{ config(meta={'dagster': {'ref': {'name': 'fct_basket'}}}) }}
select
    receipt_id,
    gross_amount,
    discount_amount,
    returns_amount,
    net_amount

from {{ ref('fct_basket') }}

where gross_amount - discount_amount - returns_amount <> net_amount
