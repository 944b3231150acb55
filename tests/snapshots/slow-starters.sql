-- Who signed up one week to 90 days ago and viewed no product in the first week? Nine of ten get a tour of the shop, the tenth is the control.
-- Users whose signup date is in the last 90 days and whose signup date is not in the last 7 days and who never did PRODUCT_VIEWED within 7 days from their signup date, split into 10 % “control” and 90 % “tour” (seed “shop-tour”), as of 2026-11-22T00:00:00Z.

-- DuckDB

WITH product_viewed_first_7d AS (
  /* PRODUCT_VIEWED, within 7 days of signup_date, until 2026-11-22 */
  SELECT
    e.user_id,
    COUNT(*) AS times
  FROM user_events AS e
  JOIN user_attributes AS u
    ON u.user_id = e.user_id
  WHERE
    e.event_name = 'PRODUCT_VIEWED'
    AND e.timestamp >= CAST(u.signup_date AS TIMESTAMP)
    AND e.timestamp < CAST(u.signup_date AS TIMESTAMP) + INTERVAL '7' DAY
    AND e.timestamp <= CAST('2026-11-22 00:00:00' AS TIMESTAMP)
  GROUP BY
    e.user_id
)
SELECT
  u.user_id AS user_id,
  CASE
    WHEN SUBSTRING(MD5('shop-tour:arm:' || CAST(u.user_id AS TEXT)), 1, 8) < '19999999'
    THEN 'control'
    ELSE 'tour'
  END AS variant
FROM user_attributes AS u
LEFT JOIN product_viewed_first_7d
  ON product_viewed_first_7d.user_id = u.user_id
WHERE
  (
    u.signup_date > CAST('2026-08-24' AS DATE)
    AND u.signup_date <= CAST('2026-11-22' AS DATE)
  )
  AND NOT COALESCE(
    u.signup_date > CAST('2026-11-15' AS DATE)
    AND u.signup_date <= CAST('2026-11-22' AS DATE),
    FALSE
  )
  AND COALESCE(product_viewed_first_7d.times, 0) = 0
ORDER BY
  u.user_id;

-- PostgreSQL

WITH product_viewed_first_7d AS (
  /* PRODUCT_VIEWED, within 7 days of signup_date, until 2026-11-22 */
  SELECT
    e.user_id,
    COUNT(*) AS times
  FROM user_events AS e
  JOIN user_attributes AS u
    ON u.user_id = e.user_id
  WHERE
    e.event_name = 'PRODUCT_VIEWED'
    AND e.timestamp >= CAST(u.signup_date AS TIMESTAMP)
    AND e.timestamp < CAST(u.signup_date AS TIMESTAMP) + INTERVAL '7 DAY'
    AND e.timestamp <= CAST('2026-11-22 00:00:00' AS TIMESTAMP)
  GROUP BY
    e.user_id
)
SELECT
  u.user_id AS user_id,
  CASE
    WHEN SUBSTRING(MD5('shop-tour:arm:' || CAST(u.user_id AS VARCHAR)) COLLATE "C" FROM 1 FOR 8) < '19999999'
    THEN 'control'
    ELSE 'tour'
  END AS variant
FROM user_attributes AS u
LEFT JOIN product_viewed_first_7d
  ON product_viewed_first_7d.user_id = u.user_id
WHERE
  (
    u.signup_date > CAST('2026-08-24' AS DATE)
    AND u.signup_date <= CAST('2026-11-22' AS DATE)
  )
  AND NOT COALESCE(
    u.signup_date > CAST('2026-11-15' AS DATE)
    AND u.signup_date <= CAST('2026-11-22' AS DATE),
    FALSE
  )
  AND COALESCE(product_viewed_first_7d.times, 0) = 0
ORDER BY
  u.user_id;

-- ClickHouse

WITH product_viewed_first_7d AS (
  /* PRODUCT_VIEWED, within 7 days of signup_date, until 2026-11-22 */
  SELECT
    e.user_id,
    COUNT(*) AS times
  FROM user_events AS e
  JOIN user_attributes AS u
    ON u.user_id = e.user_id
  WHERE
    e.event_name = 'PRODUCT_VIEWED'
    AND e.timestamp >= toDateTime64(u.signup_date, 6, 'UTC')
    AND e.timestamp < toDateTime64(u.signup_date, 6, 'UTC') + INTERVAL '7' DAY
    AND e.timestamp <= toDateTime64('2026-11-22 00:00:00', 6, 'UTC')
  GROUP BY
    e.user_id
)
SELECT
  u.user_id AS user_id,
  CASE
    WHEN SUBSTRING(
      LOWER(
        HEX(MD5('shop-tour:arm:' || CAST(u.user_id AS Nullable(String))))
      ),
      1,
      8
    ) < '19999999'
    THEN 'control'
    ELSE 'tour'
  END AS variant
FROM user_attributes AS u
LEFT JOIN product_viewed_first_7d
  ON product_viewed_first_7d.user_id = u.user_id
WHERE
  (
    u.signup_date > toDate32('2026-08-24')
    AND u.signup_date <= toDate32('2026-11-22')
  )
  AND NOT COALESCE(
    u.signup_date > toDate32('2026-11-15')
    AND u.signup_date <= toDate32('2026-11-22'),
    FALSE
  )
  AND COALESCE(product_viewed_first_7d.times, 0) = 0
ORDER BY
  u.user_id
SETTINGS join_use_nulls = 1;

-- Spark

WITH product_viewed_first_7d AS (
  /* PRODUCT_VIEWED, within 7 days of signup_date, until 2026-11-22 */
  SELECT
    e.user_id,
    COUNT(*) AS times
  FROM user_events AS e
  JOIN user_attributes AS u
    ON u.user_id = e.user_id
  WHERE
    e.event_name = 'PRODUCT_VIEWED'
    AND e.timestamp >= CAST(u.signup_date AS TIMESTAMP)
    AND e.timestamp < CAST(u.signup_date AS TIMESTAMP) + INTERVAL '7' DAY
    AND e.timestamp <= CAST('2026-11-22 00:00:00' AS TIMESTAMP)
  GROUP BY
    e.user_id
)
SELECT
  u.user_id AS user_id,
  CASE
    WHEN SUBSTRING(MD5('shop-tour:arm:' || CAST(u.user_id AS STRING)), 1, 8) < '19999999'
    THEN 'control'
    ELSE 'tour'
  END AS variant
FROM user_attributes AS u
LEFT JOIN product_viewed_first_7d
  ON product_viewed_first_7d.user_id = u.user_id
WHERE
  (
    u.signup_date > CAST('2026-08-24' AS DATE)
    AND u.signup_date <= CAST('2026-11-22' AS DATE)
  )
  AND NOT COALESCE(
    u.signup_date > CAST('2026-11-15' AS DATE)
    AND u.signup_date <= CAST('2026-11-22' AS DATE),
    FALSE
  )
  AND COALESCE(product_viewed_first_7d.times, 0) = 0
ORDER BY
  u.user_id;

-- Databricks

WITH product_viewed_first_7d AS (
  /* PRODUCT_VIEWED, within 7 days of signup_date, until 2026-11-22 */
  SELECT
    e.user_id,
    COUNT(*) AS times
  FROM user_events AS e
  JOIN user_attributes AS u
    ON u.user_id = e.user_id
  WHERE
    e.event_name = 'PRODUCT_VIEWED'
    AND e.timestamp >= CAST(u.signup_date AS TIMESTAMP)
    AND e.timestamp < CAST(u.signup_date AS TIMESTAMP) + INTERVAL '7' DAY
    AND e.timestamp <= CAST('2026-11-22 00:00:00' AS TIMESTAMP)
  GROUP BY
    e.user_id
)
SELECT
  u.user_id AS user_id,
  CASE
    WHEN SUBSTRING(MD5('shop-tour:arm:' || CAST(u.user_id AS STRING)), 1, 8) < '19999999'
    THEN 'control'
    ELSE 'tour'
  END AS variant
FROM user_attributes AS u
LEFT JOIN product_viewed_first_7d
  ON product_viewed_first_7d.user_id = u.user_id
WHERE
  (
    u.signup_date > CAST('2026-08-24' AS DATE)
    AND u.signup_date <= CAST('2026-11-22' AS DATE)
  )
  AND NOT COALESCE(
    u.signup_date > CAST('2026-11-15' AS DATE)
    AND u.signup_date <= CAST('2026-11-22' AS DATE),
    FALSE
  )
  AND COALESCE(product_viewed_first_7d.times, 0) = 0
ORDER BY
  u.user_id;

-- Snowflake

WITH product_viewed_first_7d AS (
  /* PRODUCT_VIEWED, within 7 days of signup_date, until 2026-11-22 */
  SELECT
    e.user_id,
    COUNT(*) AS times
  FROM user_events AS e
  JOIN user_attributes AS u
    ON u.user_id = e.user_id
  WHERE
    e.event_name = 'PRODUCT_VIEWED'
    AND e.timestamp >= CAST(u.signup_date AS TIMESTAMPNTZ)
    AND e.timestamp < CAST(u.signup_date AS TIMESTAMPNTZ) + INTERVAL '7 DAY'
    AND e.timestamp <= CAST('2026-11-22 00:00:00' AS TIMESTAMPNTZ)
  GROUP BY
    e.user_id
)
SELECT
  u.user_id AS user_id,
  CASE
    WHEN SUBSTRING(MD5('shop-tour:arm:' || CAST(u.user_id AS VARCHAR)), 1, 8) < '19999999'
    THEN 'control'
    ELSE 'tour'
  END AS variant
FROM user_attributes AS u
LEFT JOIN product_viewed_first_7d
  ON product_viewed_first_7d.user_id = u.user_id
WHERE
  (
    u.signup_date > CAST('2026-08-24' AS DATE)
    AND u.signup_date <= CAST('2026-11-22' AS DATE)
  )
  AND NOT COALESCE(
    u.signup_date > CAST('2026-11-15' AS DATE)
    AND u.signup_date <= CAST('2026-11-22' AS DATE),
    FALSE
  )
  AND COALESCE(product_viewed_first_7d.times, 0) = 0
ORDER BY
  u.user_id;

-- BigQuery

WITH product_viewed_first_7d AS (
  /* PRODUCT_VIEWED, within 7 days of signup_date, until 2026-11-22 */
  SELECT
    e.user_id,
    COUNT(*) AS times
  FROM user_events AS e
  JOIN user_attributes AS u
    ON u.user_id = e.user_id
  WHERE
    e.event_name = 'PRODUCT_VIEWED'
    AND e.timestamp >= CAST(u.signup_date AS DATETIME)
    AND e.timestamp < CAST(u.signup_date AS DATETIME) + INTERVAL 7 DAY
    AND e.timestamp <= CAST('2026-11-22 00:00:00' AS DATETIME)
  GROUP BY
    e.user_id
)
SELECT
  u.user_id AS user_id,
  CASE
    WHEN SUBSTRING(TO_HEX(MD5('shop-tour:arm:' || CAST(u.user_id AS STRING))), 1, 8) < '19999999'
    THEN 'control'
    ELSE 'tour'
  END AS variant
FROM user_attributes AS u
LEFT JOIN product_viewed_first_7d
  ON product_viewed_first_7d.user_id = u.user_id
WHERE
  (
    u.signup_date > CAST('2026-08-24' AS DATE)
    AND u.signup_date <= CAST('2026-11-22' AS DATE)
  )
  AND NOT COALESCE(
    u.signup_date > CAST('2026-11-15' AS DATE)
    AND u.signup_date <= CAST('2026-11-22' AS DATE),
    FALSE
  )
  AND COALESCE(product_viewed_first_7d.times, 0) = 0
ORDER BY
  u.user_id;

-- Trino

WITH product_viewed_first_7d AS (
  /* PRODUCT_VIEWED, within 7 days of signup_date, until 2026-11-22 */
  SELECT
    e.user_id,
    COUNT(*) AS times
  FROM user_events AS e
  JOIN user_attributes AS u
    ON u.user_id = e.user_id
  WHERE
    e.event_name = 'PRODUCT_VIEWED'
    AND e.timestamp >= CAST(u.signup_date AS TIMESTAMP(6))
    AND e.timestamp < CAST(u.signup_date AS TIMESTAMP(6)) + INTERVAL '7' DAY
    AND e.timestamp <= CAST('2026-11-22 00:00:00' AS TIMESTAMP(6))
  GROUP BY
    e.user_id
)
SELECT
  u.user_id AS user_id,
  CASE
    WHEN SUBSTR(
      LOWER(
        TO_HEX(
          MD5(
            TO_UTF8(
              CONCAT(
                CAST('shop-tour:arm:' AS VARCHAR),
                CAST(CAST(u.user_id AS VARCHAR) AS VARCHAR)
              )
            )
          )
        )
      ),
      1,
      8
    ) < '19999999'
    THEN 'control'
    ELSE 'tour'
  END AS variant
FROM user_attributes AS u
LEFT JOIN product_viewed_first_7d
  ON product_viewed_first_7d.user_id = u.user_id
WHERE
  (
    u.signup_date > CAST('2026-08-24' AS DATE)
    AND u.signup_date <= CAST('2026-11-22' AS DATE)
  )
  AND NOT COALESCE(
    u.signup_date > CAST('2026-11-15' AS DATE)
    AND u.signup_date <= CAST('2026-11-22' AS DATE),
    FALSE
  )
  AND COALESCE(product_viewed_first_7d.times, 0) = 0
ORDER BY
  u.user_id;

-- Redshift

WITH product_viewed_first_7d AS (
  /* PRODUCT_VIEWED, within 7 days of signup_date, until 2026-11-22 */
  SELECT
    e.user_id,
    COUNT(*) AS times
  FROM user_events AS e
  JOIN user_attributes AS u
    ON u.user_id = e.user_id
  WHERE
    e.event_name = 'PRODUCT_VIEWED'
    AND e."timestamp" >= CAST(u.signup_date AS TIMESTAMP)
    AND e."timestamp" < CAST(u.signup_date AS TIMESTAMP) + INTERVAL '7 DAY'
    AND e."timestamp" <= CAST('2026-11-22 00:00:00' AS TIMESTAMP)
  GROUP BY
    e.user_id
)
SELECT
  u.user_id AS user_id,
  CASE
    WHEN LEFT(MD5('shop-tour:arm:' || CAST(u.user_id AS VARCHAR)), 8) < '19999999'
    THEN 'control'
    ELSE 'tour'
  END AS variant
FROM user_attributes AS u
LEFT JOIN product_viewed_first_7d
  ON product_viewed_first_7d.user_id = u.user_id
WHERE
  (
    u.signup_date > CAST('2026-08-24' AS DATE)
    AND u.signup_date <= CAST('2026-11-22' AS DATE)
  )
  AND NOT COALESCE(
    u.signup_date > CAST('2026-11-15' AS DATE)
    AND u.signup_date <= CAST('2026-11-22' AS DATE),
    FALSE
  )
  AND COALESCE(product_viewed_first_7d.times, 0) = 0
ORDER BY
  u.user_id;
