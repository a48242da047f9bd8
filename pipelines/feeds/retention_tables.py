"""Tables of raw.duckdb that remember what is kept no longer, see `pipelines.privacy.retention`."""

RETENTION_TABLES = """
create schema if not exists retention;

-- Grain: an entity and a country. Rows of days before kept_from_date are not kept.
create table if not exists retention.kept_from (
    entity text, country text, kept_from_date date, as_of_date date
);
-- Grain: a store and fiscal week whose receipts became sums; they never come back.
create table if not exists retention.rolled_week (
    store_id text, fiscal_week_start_date date, country text
);
-- What core.fct_sales_week said of these weeks on the night before.
create table if not exists retention.sales_week (
    store_id text, product_id text, promotion_id text, fiscal_week_start_date date,
    line_count bigint, quantity decimal(18,3), unit_count decimal(18,3),
    gross_amount decimal(18,4), discount_amount decimal(18,4), returns_amount decimal(18,4),
    net_amount decimal(18,4), tax_amount decimal(18,4), cost_amount decimal(18,4),
    margin_amount decimal(18,4), manufacturer_coupon_amount decimal(18,4)
);
-- The same of core.fct_sales_day.
create table if not exists retention.sales_day (
    store_id text, business_date date, receipt_count bigint, costed_receipt_count bigint,
    transaction_count bigint, identified_transaction_count bigint, line_count bigint,
    unit_count decimal(18,3), gross_amount decimal(18,4), discount_amount decimal(18,4),
    returns_amount decimal(18,4), net_amount decimal(18,4), costed_net_amount decimal(18,4),
    margin_amount decimal(18,4)
);
-- Grain: a reference to a customer whose first transaction is in a rolled week.
create table if not exists retention.acquisition (customer_ref text, acquired_date date);
-- Rows of customers whose data must be kept for now, as they were loaded.
create table if not exists retention.held_row (
    feed text, row_date date, customers text[], content text
);
-- Grain: feed, country, week and run. Rows that are kept no longer; late ones came after their week
-- had been closed.
create table if not exists retention.purge_log (
    entity text, feed text, country text, fiscal_week_start_date date, row_count bigint,
    held_row_count bigint, is_late boolean, as_of_date date, purged_at timestamptz
);
-- Up to which file later deliveries were looked through for rows of closed weeks.
create table if not exists retention.looked_through (file_id bigint);
-- Grain: a run that found anything; finished when files, warehouse and builds are without it too.
create table if not exists retention.run (
    as_of_date date, begun_at timestamptz, finished_at timestamptz
);
"""
