-- Whose plan ended in the last 60 days, of those who ordered from the shop while it ran?
-- Users whose plan ends is in the last 60 days and who did SHOP_ORDER at least once within 365 days from their plan started, as of 2026-11-22T00:00:00Z.

-- DuckDB

WITH shop_order_first_365d AS (
  /* SHOP_ORDER, within 365 days of plan_started, until 2026-11-22 */
  SELECT
    e.user_id,
    COUNT(*) AS times
  FROM user_events AS e
  JOIN user_attributes AS u
    ON u.user_id = e.user_id
  WHERE
    e.event_name = 'SHOP_ORDER'
    AND e.timestamp >= CAST(u.plan_started AS TIMESTAMP)
    AND e.timestamp < CAST(u.plan_started AS TIMESTAMP) + INTERVAL '365' DAY
    AND e.timestamp <= CAST('2026-11-22 00:00:00' AS TIMESTAMP)
  GROUP BY
    e.user_id
)
SELECT
  u.user_id AS user_id
FROM user_attributes AS u
LEFT JOIN shop_order_first_365d
  ON shop_order_first_365d.user_id = u.user_id
WHERE
  (
    u.plan_ends > CAST('2026-09-23' AS DATE)
    AND u.plan_ends <= CAST('2026-11-22' AS DATE)
  )
  AND COALESCE(shop_order_first_365d.times, 0) >= 1
ORDER BY
  u.user_id;

-- PostgreSQL

WITH shop_order_first_365d AS (
  /* SHOP_ORDER, within 365 days of plan_started, until 2026-11-22 */
  SELECT
    e.user_id,
    COUNT(*) AS times
  FROM user_events AS e
  JOIN user_attributes AS u
    ON u.user_id = e.user_id
  WHERE
    e.event_name = 'SHOP_ORDER'
    AND e.timestamp >= CAST(u.plan_started AS TIMESTAMP)
    AND e.timestamp < CAST(u.plan_started AS TIMESTAMP) + INTERVAL '365 DAY'
    AND e.timestamp <= CAST('2026-11-22 00:00:00' AS TIMESTAMP)
  GROUP BY
    e.user_id
)
SELECT
  u.user_id AS user_id
FROM user_attributes AS u
LEFT JOIN shop_order_first_365d
  ON shop_order_first_365d.user_id = u.user_id
WHERE
  (
    u.plan_ends > CAST('2026-09-23' AS DATE)
    AND u.plan_ends <= CAST('2026-11-22' AS DATE)
  )
  AND COALESCE(shop_order_first_365d.times, 0) >= 1
ORDER BY
  u.user_id;

-- ClickHouse

WITH shop_order_first_365d AS (
  /* SHOP_ORDER, within 365 days of plan_started, until 2026-11-22 */
  SELECT
    e.user_id,
    COUNT(*) AS times
  FROM user_events AS e
  JOIN user_attributes AS u
    ON u.user_id = e.user_id
  WHERE
    e.event_name = 'SHOP_ORDER'
    AND e.timestamp >= toDateTime64(u.plan_started, 6, 'UTC')
    AND e.timestamp < toDateTime64(u.plan_started, 6, 'UTC') + INTERVAL '365' DAY
    AND e.timestamp <= toDateTime64('2026-11-22 00:00:00', 6, 'UTC')
  GROUP BY
    e.user_id
)
SELECT
  u.user_id AS user_id
FROM user_attributes AS u
LEFT JOIN shop_order_first_365d
  ON shop_order_first_365d.user_id = u.user_id
WHERE
  (
    u.plan_ends > toDate32('2026-09-23')
    AND u.plan_ends <= toDate32('2026-11-22')
  )
  AND COALESCE(shop_order_first_365d.times, 0) >= 1
ORDER BY
  u.user_id
SETTINGS join_use_nulls = 1;

-- Spark

WITH shop_order_first_365d AS (
  /* SHOP_ORDER, within 365 days of plan_started, until 2026-11-22 */
  SELECT
    e.user_id,
    COUNT(*) AS times
  FROM user_events AS e
  JOIN user_attributes AS u
    ON u.user_id = e.user_id
  WHERE
    e.event_name = 'SHOP_ORDER'
    AND e.timestamp >= CAST(u.plan_started AS TIMESTAMP)
    AND e.timestamp < CAST(u.plan_started AS TIMESTAMP) + INTERVAL '365' DAY
    AND e.timestamp <= CAST('2026-11-22 00:00:00' AS TIMESTAMP)
  GROUP BY
    e.user_id
)
SELECT
  u.user_id AS user_id
FROM user_attributes AS u
LEFT JOIN shop_order_first_365d
  ON shop_order_first_365d.user_id = u.user_id
WHERE
  (
    u.plan_ends > CAST('2026-09-23' AS DATE)
    AND u.plan_ends <= CAST('2026-11-22' AS DATE)
  )
  AND COALESCE(shop_order_first_365d.times, 0) >= 1
ORDER BY
  u.user_id;

-- Databricks

WITH shop_order_first_365d AS (
  /* SHOP_ORDER, within 365 days of plan_started, until 2026-11-22 */
  SELECT
    e.user_id,
    COUNT(*) AS times
  FROM user_events AS e
  JOIN user_attributes AS u
    ON u.user_id = e.user_id
  WHERE
    e.event_name = 'SHOP_ORDER'
    AND e.timestamp >= CAST(u.plan_started AS TIMESTAMP)
    AND e.timestamp < CAST(u.plan_started AS TIMESTAMP) + INTERVAL '365' DAY
    AND e.timestamp <= CAST('2026-11-22 00:00:00' AS TIMESTAMP)
  GROUP BY
    e.user_id
)
SELECT
  u.user_id AS user_id
FROM user_attributes AS u
LEFT JOIN shop_order_first_365d
  ON shop_order_first_365d.user_id = u.user_id
WHERE
  (
    u.plan_ends > CAST('2026-09-23' AS DATE)
    AND u.plan_ends <= CAST('2026-11-22' AS DATE)
  )
  AND COALESCE(shop_order_first_365d.times, 0) >= 1
ORDER BY
  u.user_id;

-- Snowflake

WITH shop_order_first_365d AS (
  /* SHOP_ORDER, within 365 days of plan_started, until 2026-11-22 */
  SELECT
    e.user_id,
    COUNT(*) AS times
  FROM user_events AS e
  JOIN user_attributes AS u
    ON u.user_id = e.user_id
  WHERE
    e.event_name = 'SHOP_ORDER'
    AND e.timestamp >= CAST(u.plan_started AS TIMESTAMPNTZ)
    AND e.timestamp < CAST(u.plan_started AS TIMESTAMPNTZ) + INTERVAL '365 DAY'
    AND e.timestamp <= CAST('2026-11-22 00:00:00' AS TIMESTAMPNTZ)
  GROUP BY
    e.user_id
)
SELECT
  u.user_id AS user_id
FROM user_attributes AS u
LEFT JOIN shop_order_first_365d
  ON shop_order_first_365d.user_id = u.user_id
WHERE
  (
    u.plan_ends > CAST('2026-09-23' AS DATE)
    AND u.plan_ends <= CAST('2026-11-22' AS DATE)
  )
  AND COALESCE(shop_order_first_365d.times, 0) >= 1
ORDER BY
  u.user_id;

-- BigQuery

WITH shop_order_first_365d AS (
  /* SHOP_ORDER, within 365 days of plan_started, until 2026-11-22 */
  SELECT
    e.user_id,
    COUNT(*) AS times
  FROM user_events AS e
  JOIN user_attributes AS u
    ON u.user_id = e.user_id
  WHERE
    e.event_name = 'SHOP_ORDER'
    AND e.timestamp >= CAST(u.plan_started AS DATETIME)
    AND e.timestamp < CAST(u.plan_started AS DATETIME) + INTERVAL 365 DAY
    AND e.timestamp <= CAST('2026-11-22 00:00:00' AS DATETIME)
  GROUP BY
    e.user_id
)
SELECT
  u.user_id AS user_id
FROM user_attributes AS u
LEFT JOIN shop_order_first_365d
  ON shop_order_first_365d.user_id = u.user_id
WHERE
  (
    u.plan_ends > CAST('2026-09-23' AS DATE)
    AND u.plan_ends <= CAST('2026-11-22' AS DATE)
  )
  AND COALESCE(shop_order_first_365d.times, 0) >= 1
ORDER BY
  u.user_id;

-- Trino

WITH shop_order_first_365d AS (
  /* SHOP_ORDER, within 365 days of plan_started, until 2026-11-22 */
  SELECT
    e.user_id,
    COUNT(*) AS times
  FROM user_events AS e
  JOIN user_attributes AS u
    ON u.user_id = e.user_id
  WHERE
    e.event_name = 'SHOP_ORDER'
    AND e.timestamp >= CAST(u.plan_started AS TIMESTAMP(6))
    AND e.timestamp < CAST(u.plan_started AS TIMESTAMP(6)) + INTERVAL '365' DAY
    AND e.timestamp <= CAST('2026-11-22 00:00:00' AS TIMESTAMP(6))
  GROUP BY
    e.user_id
)
SELECT
  u.user_id AS user_id
FROM user_attributes AS u
LEFT JOIN shop_order_first_365d
  ON shop_order_first_365d.user_id = u.user_id
WHERE
  (
    u.plan_ends > CAST('2026-09-23' AS DATE)
    AND u.plan_ends <= CAST('2026-11-22' AS DATE)
  )
  AND COALESCE(shop_order_first_365d.times, 0) >= 1
ORDER BY
  u.user_id;

-- Redshift

WITH shop_order_first_365d AS (
  /* SHOP_ORDER, within 365 days of plan_started, until 2026-11-22 */
  SELECT
    e.user_id,
    COUNT(*) AS times
  FROM user_events AS e
  JOIN user_attributes AS u
    ON u.user_id = e.user_id
  WHERE
    e.event_name = 'SHOP_ORDER'
    AND e."timestamp" >= CAST(u.plan_started AS TIMESTAMP)
    AND e."timestamp" < CAST(u.plan_started AS TIMESTAMP) + INTERVAL '365 DAY'
    AND e."timestamp" <= CAST('2026-11-22 00:00:00' AS TIMESTAMP)
  GROUP BY
    e.user_id
)
SELECT
  u.user_id AS user_id
FROM user_attributes AS u
LEFT JOIN shop_order_first_365d
  ON shop_order_first_365d.user_id = u.user_id
WHERE
  (
    u.plan_ends > CAST('2026-09-23' AS DATE)
    AND u.plan_ends <= CAST('2026-11-22' AS DATE)
  )
  AND COALESCE(shop_order_first_365d.times, 0) >= 1
ORDER BY
  u.user_id;
