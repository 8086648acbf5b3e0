-- A little shop, made at the very first start of ecommerce-postgres: 12 products, 40 customers, 600 orders of the
-- last 60 days. The same each time.
\connect shop

CREATE TABLE products (
  id integer PRIMARY KEY,
  name text NOT NULL,
  price numeric(8, 2) NOT NULL
);
CREATE TABLE customers (
  id integer PRIMARY KEY,
  name text NOT NULL,
  city text NOT NULL
);
CREATE TABLE orders (
  id integer PRIMARY KEY,
  customer_id integer NOT NULL REFERENCES customers,
  product_id integer NOT NULL REFERENCES products,
  quantity integer NOT NULL CHECK (quantity > 0),
  status text NOT NULL CHECK (status IN ('paid', 'shipped', 'returned')),
  ordered_at timestamptz NOT NULL
);
CREATE INDEX ON orders (ordered_at);

INSERT INTO products VALUES
  (1, 'Espresso cup', 9.50), (2, 'Moka pot', 34.00), (3, 'Hand grinder', 89.00), (4, 'Kettle', 59.90),
  (5, 'Scale', 24.90), (6, 'Paper filters', 4.20), (7, 'Beans, 1 kg', 21.00), (8, 'Beans, 250 g', 6.80),
  (9, 'Milk jug', 14.50), (10, 'Tamper', 27.00), (11, 'Descaler', 7.90), (12, 'Travel mug', 19.90);

INSERT INTO customers
SELECT n, 'Customer ' || n, (ARRAY['Antwerp', 'Bergen', 'Graz', 'Lyon', 'Porto'])[1 + n % 5]
FROM generate_series(1, 40) AS n;

INSERT INTO orders
SELECT n, 1 + (n * 7) % 40, 1 + (n * n + 3 * n) % 12, 1 + n % 4,
       CASE WHEN n % 23 = 0 THEN 'returned' WHEN n > 560 THEN 'paid' ELSE 'shipped' END,
       date_trunc('day', now()) - interval '60 days' + n * interval '144 minutes'
FROM generate_series(1, 600) AS n;

-- The dashboard's own role may read and nothing else. Its password comes from a secret, not from this file.
DO $$
BEGIN
  EXECUTE format(
    'CREATE ROLE dashboard LOGIN CONNECTION LIMIT 10 PASSWORD %L',
    btrim(pg_read_file('/run/secrets/dashboard_password'), E' \n\r\t')
  );
END
$$;
GRANT SELECT ON products, customers, orders TO dashboard;
