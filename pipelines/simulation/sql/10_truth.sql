-- What the answer key's queries read. Grain of story_receipt: one row per receipt of a story.
create view story_receipt as
select
    receipt.plant, receipt.ref, receipt.customer_ref, receipt.business_date, receipt.day,
    format('{}-{}-{}-{}', receipt.store_id, receipt.till_no, receipt.business_date,
        receipt.transaction_seq) as receipt_id,
    total.is_counted, total.sales_net, total.item_count
from receipt
inner join total using (business_date, receipt_no)
where receipt.plant is not null;

create view story_line_rung as
select receipt.plant, receipt.ref, receipt.store_id, receipt.day, line.*  exclude (day, store_no),
    item_code(line.item_no) as item_id
from line
inner join receipt using (business_date, receipt_no)
where receipt.plant is not null;

-- Without the store-day that never arrives: what a mart can know.
create view delivered_total as
select total.*
from total
left join day_fault
    on day_fault.day = total.day and day_fault.store_no = total.store_no
    and day_fault.fault = 'missing_store_day'
where day_fault.fault is null;
