"""The shop's orders, from PostgreSQL: the dashboard that Falco watches in this stack.

Its work is what the rules expect: one Python process, port 8050, connections to PostgreSQL alone, nothing written.
"""

import os

import plotly.graph_objects as go
from dash import Dash, Input, Output, dash_table, dcc, html
from psycopg.rows import dict_row
from psycopg_pool import ConnectionPool
from waitress import serve

PER_DAY = """
    SELECT o.ordered_at::date AS day, sum(o.quantity * p.price)::float AS revenue
    FROM orders o JOIN products p ON p.id = o.product_id
    WHERE %(city)s::text IS NULL OR o.customer_id IN (SELECT id FROM customers WHERE city = %(city)s)
    GROUP BY day ORDER BY day
"""
LATEST = """
    SELECT o.id AS "Order", to_char(o.ordered_at, 'YYYY-MM-DD HH24:MI') AS "Time", c.name AS "Customer",
           c.city AS "City", p.name AS "Product", o.quantity AS "Quantity",
           to_char(o.quantity * p.price, 'FM999990.00') AS "Amount", o.status AS "Status"
    FROM orders o JOIN products p ON p.id = o.product_id JOIN customers c ON c.id = o.customer_id
    WHERE %(city)s::text IS NULL OR c.city = %(city)s
    ORDER BY o.ordered_at DESC LIMIT 15
"""
CITIES = "SELECT DISTINCT city FROM customers ORDER BY city"
COLUMNS = ["Order", "Time", "Customer", "City", "Product", "Quantity", "Amount", "Status"]


def read_password() -> str:
    with open(os.environ["DATABASE_PASSWORD_FILE"], encoding="utf-8") as file:
        return file.read().strip()


# Connections are kept: one event of "Dash Database Connection Monitoring" for each, not for each query.
pool = ConnectionPool(
    kwargs={
        "host": os.environ.get("DATABASE_HOST", "ecommerce-postgres"),
        "port": int(os.environ.get("DATABASE_PORT", "5432")),
        "dbname": os.environ.get("DATABASE_NAME", "shop"),
        "user": os.environ.get("DATABASE_USER", "dashboard"),
        "password": read_password(),
        "application_name": "dashboard",
        "row_factory": dict_row,
    },
    min_size=1,
    max_size=4,
    max_idle=3600,
    max_lifetime=86400,
    open=True,
)


def query(sql: str, **parameters) -> list[dict]:
    with pool.connection() as connection:
        return connection.execute(sql, parameters).fetchall()


app = Dash(__name__, title="Shop", update_title=None)


def layout() -> html.Div:
    cities = [row["city"] for row in query(CITIES)]
    return html.Div(
        [
            html.H1("Shop"),
            html.Label("City", htmlFor="city"),
            dcc.Dropdown(cities, id="city", placeholder="all", style={"maxWidth": "20rem"}),
            dcc.Graph(id="revenue"),
            html.H2("Latest orders"),
            dash_table.DataTable(
                id="orders",
                columns=[{"name": name, "id": name} for name in COLUMNS],
                style_cell={"fontFamily": "inherit", "textAlign": "left"},
            ),
            dcc.Interval(id="refresh", interval=30_000),
        ],
        style={"fontFamily": "system-ui, sans-serif", "maxWidth": "70rem", "margin": "0 auto", "padding": "1rem"},
    )


app.layout = layout


@app.callback(
    Output("revenue", "figure"), Output("orders", "data"), Input("city", "value"), Input("refresh", "n_intervals")
)
def show(city: str | None, _refreshed: int | None):
    days = query(PER_DAY, city=city)
    figure = go.Figure(
        go.Bar(x=[row["day"] for row in days], y=[row["revenue"] for row in days]),
        go.Layout(title="Revenue by day", template="plotly_white"),
    )
    return figure, query(LATEST, city=city)


if __name__ == "__main__":
    serve(app.server, host="0.0.0.0", port=8050, threads=4)
