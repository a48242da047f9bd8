-- Which store-days arrive, and under which file: one never does, one twice, one 20 days late.
create table day_fault as
select fault, store_no, day, day_date(day) as business_date
from (values
    ('missing_store_day', 2, 30), ('duplicated_store_day', 1, 31),
    ('late_store_day', 1, getvariable('days') - 25)
) as faults (fault, store_no, day);

create table delivery as
select
    days.day, day_date(days.day) as business_date, store.store_no,
    unnest(case day_fault.fault
        when 'missing_store_day' then []
        when 'duplicated_store_day' then ['', '_' || store_id || '_again']
        when 'late_store_day' then ['_' || store_id || '_late']
        else [''] end) as part
from range(-371, getvariable('days')) as days (day)
cross join store
left join day_fault on day_fault.day = days.day and day_fault.store_no = store.store_no;

-- Grain of total: one row per receipt. Net of a whole-basket discount; tax is the lines' tax.
create table total as
with summed as (
    select
        receipt_no,
        sum(signed(sign, amount)) filter (where not is_void) as line_net,
        sum(signed(sign, amount)) filter (where not is_void and line_type in ('sale', 'return'))
            as sales_net,
        sum(signed(sign, tax_amount)) filter (where not is_void) as tax,
        sum(case when is_weighed then 1 else cast(qty as integer) end) filter (where not is_void)
            as item_count
    from line
    group by receipt_no
),
discounted as (
    select
        receipt.receipt_no, receipt.business_date, receipt.day, receipt.store_no, receipt.till_no,
        receipt.plant, receipt.tender, receipt.seed, receipt.txn_type,
        receipt.txn_type in ('sale', 'return', 'exchange') and not receipt.is_training
            as is_counted,
        money(coalesce(line_net, 0)) as line_net, money(coalesce(sales_net, 0)) as line_sales_net,
        money(coalesce(tax, 0)) as total_tax,
        cast(coalesce(item_count, 0) as integer) as item_count,
        case
            when receipt.plant is null and receipt.customer_no is not null
                and receipt.txn_type = 'sale' and share('basket', receipt.seed, 0) < 0.03
                then money(0.05 * line_net)
            else 0
        end as basket_discount
    from receipt
    left join summed using (receipt_no)
)
select
    *,
    money(line_net - basket_discount) as total_net,
    money(line_sales_net - basket_discount) as sales_net,
    money(line_net - basket_discount + total_tax) as total_gross
from discounted
order by receipt_no;

create table tender as
with kind as (
    select
        receipt_no, business_date, day, store_no, till_no, total_gross, seed, is_counted,
        coalesce(tender, case
            when total_gross < 0 then 'cash'
            when share('tender', seed, 0) < 0.38 then 'cash'
            when share('tender', seed, 0) < 0.93 then 'card'
            when share('tender', seed, 0) < 0.96 then 'voucher'
            when share('tender', seed, 0) < 0.97 then 'points'
            when share('tender', seed, 0) < 0.98 then 'foreign'
            else 'gift_card'
        end) as tender_type
    from total
    where total_gross <> 0
),
-- a gift card pays a part of it, a card the rest
part as (
    select *, 1 as tender_seq, case when tender_type = 'gift_card'
        then money(total_gross * 0.4) else total_gross end as due
    from kind
    union all
    select * replace ('card' as tender_type), 2, money(total_gross - money(total_gross * 0.4))
    from kind
    where tender_type = 'gift_card'
)
select
    receipt_no, business_date, day, store_no, till_no, tender_seq, tender_type, seed, is_counted,
    due,
    case when tender_type = 'cash' and due > 0
        then money(ceil(due / 5) * 5) else due end as amount,
    case when tender_type = 'cash' and due > 0
        then money(money(ceil(due / 5) * 5) - due) else money(0) end as change_amount
from part
where due <> 0;

-- One drawer a till and business date. Twelve euros are missing from one drawer.
create table session as
with sold as (
    select
        business_date, day, store_no, till_no,
        sum(sales_net) filter (where is_counted) as z_total_net,
        count(*) filter (where is_counted) as z_txn_count
    from total
    where day >= 0
    group by all
),
cash as (
    select business_date, store_no, till_no, sum(due) as cash_amount
    from tender
    where tender_type = 'cash' and is_counted
    group by all
)
select
    sold.business_date, sold.day, sold.store_no, sold.till_no,
    utc_of(sold.business_date, 27000, store.time_zone) as open_at,
    utc_of(sold.business_date, 94500, store.time_zone) as close_at,
    money(200) as float_amount,
    money(200 + coalesce(cash_amount, 0)) as expected_amount,
    money(200 + coalesce(cash_amount, 0)
        - case when sold.store_no = 1 and sold.day = 19 and sold.till_no = 1 then 12 else 0 end)
        as counted_amount,
    coalesce(z_total_net, 0) as z_total_net, z_txn_count
from sold
inner join store using (store_no)
left join cash using (business_date, store_no, till_no);
