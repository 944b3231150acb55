-- Who bought a towel and a mat in one order?
-- Users who did SHOP_ORDER (items contains all of “towel” and “mat”) at least once, as of 2026-11-22T00:00:00Z.

-- DuckDB

WITH shop_order AS (
  /* SHOP_ORDER, where items contains all of “towel” and “mat”, until 2026-11-22 */
  SELECT
    user_id,
    COUNT(*) AS times
  FROM user_events
  WHERE
    event_name = 'SHOP_ORDER'
    AND timestamp <= CAST('2026-11-22 00:00:00' AS TIMESTAMP)
    AND items @> ['towel', 'mat']
  GROUP BY
    user_id
)
SELECT
  u.user_id AS user_id
FROM user_attributes AS u
LEFT JOIN shop_order
  ON shop_order.user_id = u.user_id
WHERE
  COALESCE(shop_order.times, 0) >= 1
ORDER BY
  u.user_id;

-- PostgreSQL

WITH shop_order AS (
  /* SHOP_ORDER, where items contains all of “towel” and “mat”, until 2026-11-22 */
  SELECT
    user_id,
    COUNT(*) AS times
  FROM user_events
  WHERE
    event_name = 'SHOP_ORDER'
    AND timestamp <= CAST('2026-11-22 00:00:00' AS TIMESTAMP)
    AND CAST(items AS TEXT[]) @> CAST(ARRAY['towel', 'mat'] AS TEXT[])
  GROUP BY
    user_id
)
SELECT
  u.user_id AS user_id
FROM user_attributes AS u
LEFT JOIN shop_order
  ON shop_order.user_id = u.user_id
WHERE
  COALESCE(shop_order.times, 0) >= 1
ORDER BY
  u.user_id;

-- ClickHouse

WITH shop_order AS (
  /* SHOP_ORDER, where items contains all of “towel” and “mat”, until 2026-11-22 */
  SELECT
    user_id,
    COUNT(*) AS times
  FROM user_events
  WHERE
    event_name = 'SHOP_ORDER'
    AND timestamp <= toDateTime64('2026-11-22 00:00:00', 6, 'UTC')
    AND (
      has(items, 'towel') AND has(items, 'mat')
    )
  GROUP BY
    user_id
)
SELECT
  u.user_id AS user_id
FROM user_attributes AS u
LEFT JOIN shop_order
  ON shop_order.user_id = u.user_id
WHERE
  COALESCE(shop_order.times, 0) >= 1
ORDER BY
  u.user_id
SETTINGS join_use_nulls = 1;

-- Spark

WITH shop_order AS (
  /* SHOP_ORDER, where items contains all of “towel” and “mat”, until 2026-11-22 */
  SELECT
    user_id,
    COUNT(*) AS times
  FROM user_events
  WHERE
    event_name = 'SHOP_ORDER'
    AND timestamp <= CAST('2026-11-22 00:00:00' AS TIMESTAMP)
    AND (
      ARRAY_CONTAINS(items, 'towel')
      AND ARRAY_CONTAINS(items, 'mat')
    )
  GROUP BY
    user_id
)
SELECT
  u.user_id AS user_id
FROM user_attributes AS u
LEFT JOIN shop_order
  ON shop_order.user_id = u.user_id
WHERE
  COALESCE(shop_order.times, 0) >= 1
ORDER BY
  u.user_id;

-- Databricks

WITH shop_order AS (
  /* SHOP_ORDER, where items contains all of “towel” and “mat”, until 2026-11-22 */
  SELECT
    user_id,
    COUNT(*) AS times
  FROM user_events
  WHERE
    event_name = 'SHOP_ORDER'
    AND timestamp <= CAST('2026-11-22 00:00:00' AS TIMESTAMP)
    AND (
      ARRAY_CONTAINS(items, 'towel')
      AND ARRAY_CONTAINS(items, 'mat')
    )
  GROUP BY
    user_id
)
SELECT
  u.user_id AS user_id
FROM user_attributes AS u
LEFT JOIN shop_order
  ON shop_order.user_id = u.user_id
WHERE
  COALESCE(shop_order.times, 0) >= 1
ORDER BY
  u.user_id;

-- Snowflake

WITH shop_order AS (
  /* SHOP_ORDER, where items contains all of “towel” and “mat”, until 2026-11-22 */
  SELECT
    user_id,
    COUNT(*) AS times
  FROM user_events
  WHERE
    event_name = 'SHOP_ORDER'
    AND timestamp <= CAST('2026-11-22 00:00:00' AS TIMESTAMPNTZ)
    AND (
      ARRAY_CONTAINS(CAST('towel' AS VARIANT), items)
      AND ARRAY_CONTAINS(CAST('mat' AS VARIANT), items)
    )
  GROUP BY
    user_id
)
SELECT
  u.user_id AS user_id
FROM user_attributes AS u
LEFT JOIN shop_order
  ON shop_order.user_id = u.user_id
WHERE
  COALESCE(shop_order.times, 0) >= 1
ORDER BY
  u.user_id;

-- BigQuery

WITH shop_order AS (
  /* SHOP_ORDER, where items contains all of “towel” and “mat”, until 2026-11-22 */
  SELECT
    user_id,
    COUNT(*) AS times
  FROM user_events
  WHERE
    event_name = 'SHOP_ORDER'
    AND timestamp <= CAST('2026-11-22 00:00:00' AS DATETIME)
    AND (
      EXISTS(
        SELECT
          1
        FROM UNNEST(items) AS _col
        WHERE
          _col = 'towel'
      )
      AND EXISTS(
        SELECT
          1
        FROM UNNEST(items) AS _col
        WHERE
          _col = 'mat'
      )
    )
  GROUP BY
    user_id
)
SELECT
  u.user_id AS user_id
FROM user_attributes AS u
LEFT JOIN shop_order
  ON shop_order.user_id = u.user_id
WHERE
  COALESCE(shop_order.times, 0) >= 1
ORDER BY
  u.user_id;

-- Trino

WITH shop_order AS (
  /* SHOP_ORDER, where items contains all of “towel” and “mat”, until 2026-11-22 */
  SELECT
    user_id,
    COUNT(*) AS times
  FROM user_events
  WHERE
    event_name = 'SHOP_ORDER'
    AND timestamp <= CAST('2026-11-22 00:00:00' AS TIMESTAMP(6))
    AND (
      CONTAINS(items, 'towel') AND CONTAINS(items, 'mat')
    )
  GROUP BY
    user_id
)
SELECT
  u.user_id AS user_id
FROM user_attributes AS u
LEFT JOIN shop_order
  ON shop_order.user_id = u.user_id
WHERE
  COALESCE(shop_order.times, 0) >= 1
ORDER BY
  u.user_id;

-- Redshift

WITH shop_order AS (
  /* SHOP_ORDER, where items contains all of “towel” and “mat”, until 2026-11-22 */
  SELECT
    user_id,
    COUNT(*) AS times
  FROM user_events
  WHERE
    event_name = 'SHOP_ORDER'
    AND "timestamp" <= CAST('2026-11-22 00:00:00' AS TIMESTAMP)
    AND (
      ARRAY_CONTAINS(items, 'towel')
      AND ARRAY_CONTAINS(items, 'mat')
    )
  GROUP BY
    user_id
)
SELECT
  u.user_id AS user_id
FROM user_attributes AS u
LEFT JOIN shop_order
  ON shop_order.user_id = u.user_id
WHERE
  COALESCE(shop_order.times, 0) >= 1
ORDER BY
  u.user_id;
