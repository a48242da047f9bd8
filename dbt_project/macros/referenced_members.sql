{#- The facts and the dimensions whose unknown members are counted. -#}
{% macro referenced_members() -%}
    {{ return({
        'fct_sales': ['product', 'customer', 'employee'],
        'fct_basket': ['customer'],
        'fct_payments': ['store'],
        'fct_register_session': ['store'],
        'fct_returns': ['product', 'customer'],
        'fct_pos_exception': ['store', 'employee'],
        'fct_inventory_snapshot': ['store', 'product'],
        'fct_stock_movement': ['store', 'product', 'supplier'],
        'fct_receivable_snapshot': ['customer'],
        'fct_service_case': ['customer', 'employee'],
        'fct_contact': ['customer', 'employee'],
        'fct_survey_response': ['customer'],
        'fct_loyalty': ['customer'],
        'fct_sales_pipeline': ['customer', 'employee'],
        'fct_asset_lifecycle': ['product', 'customer'],
        'fct_partner_stock': ['product'],
        'fct_partner_sellout': ['product']
    }) }}
{%- endmacro %}
