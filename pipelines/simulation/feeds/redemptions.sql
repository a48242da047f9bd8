select business_date as _date, 'THANKS5' as coupon, customer_ref as customer, 'CMP-NULL' as campaign
from total
inner join receipt using (business_date, receipt_no)
where basket_discount > 0 and receipt.customer_ref is not null
group by all
