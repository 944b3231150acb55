-- Who posted a review in the last year? Not those who cancelled, or whose largest purchase was below 20 dollars.
-- Users who did REVIEW_POSTED at least once in the last 365 days and who are not among those (who did SUBSCRIPTION_CANCELLED at least once or whose largest amount of PURCHASE_MADE is less than 20), as of 2026-11-22T00:00:00Z.

-- DuckDB

WITH review_posted_365d AS (
  /* REVIEW_POSTED, 2025-11-22 to 2026-11-22 */
  SELECT
    user_id,
    COUNT(*) AS times
  FROM user_events
  WHERE
    event_name = 'REVIEW_POSTED'
    AND timestamp > CAST('2025-11-22 00:00:00' AS TIMESTAMP)
    AND timestamp <= CAST('2026-11-22 00:00:00' AS TIMESTAMP)
  GROUP BY
    user_id
), subscription_cancelled AS (
  /* SUBSCRIPTION_CANCELLED, until 2026-11-22 */
  SELECT
    user_id,
    COUNT(*) AS times
  FROM user_events
  WHERE
    event_name = 'SUBSCRIPTION_CANCELLED'
    AND timestamp <= CAST('2026-11-22 00:00:00' AS TIMESTAMP)
  GROUP BY
    user_id
), purchase_made AS (
  /* PURCHASE_MADE, until 2026-11-22 */
  SELECT
    user_id,
    MAX(amount) AS max_amount
  FROM user_events
  WHERE
    event_name = 'PURCHASE_MADE'
    AND timestamp <= CAST('2026-11-22 00:00:00' AS TIMESTAMP)
  GROUP BY
    user_id
)
SELECT
  u.user_id AS user_id
FROM user_attributes AS u
LEFT JOIN review_posted_365d
  ON review_posted_365d.user_id = u.user_id
LEFT JOIN subscription_cancelled
  ON subscription_cancelled.user_id = u.user_id
LEFT JOIN purchase_made
  ON purchase_made.user_id = u.user_id
WHERE
  COALESCE(review_posted_365d.times, 0) >= 1
  AND NOT COALESCE(
    COALESCE(subscription_cancelled.times, 0) >= 1
    OR purchase_made.max_amount < 20,
    FALSE
  )
ORDER BY
  u.user_id;

-- PostgreSQL

WITH review_posted_365d AS (
  /* REVIEW_POSTED, 2025-11-22 to 2026-11-22 */
  SELECT
    user_id,
    COUNT(*) AS times
  FROM user_events
  WHERE
    event_name = 'REVIEW_POSTED'
    AND timestamp > CAST('2025-11-22 00:00:00' AS TIMESTAMP)
    AND timestamp <= CAST('2026-11-22 00:00:00' AS TIMESTAMP)
  GROUP BY
    user_id
), subscription_cancelled AS (
  /* SUBSCRIPTION_CANCELLED, until 2026-11-22 */
  SELECT
    user_id,
    COUNT(*) AS times
  FROM user_events
  WHERE
    event_name = 'SUBSCRIPTION_CANCELLED'
    AND timestamp <= CAST('2026-11-22 00:00:00' AS TIMESTAMP)
  GROUP BY
    user_id
), purchase_made AS (
  /* PURCHASE_MADE, until 2026-11-22 */
  SELECT
    user_id,
    MAX(amount) AS max_amount
  FROM user_events
  WHERE
    event_name = 'PURCHASE_MADE'
    AND timestamp <= CAST('2026-11-22 00:00:00' AS TIMESTAMP)
  GROUP BY
    user_id
)
SELECT
  u.user_id AS user_id
FROM user_attributes AS u
LEFT JOIN review_posted_365d
  ON review_posted_365d.user_id = u.user_id
LEFT JOIN subscription_cancelled
  ON subscription_cancelled.user_id = u.user_id
LEFT JOIN purchase_made
  ON purchase_made.user_id = u.user_id
WHERE
  COALESCE(review_posted_365d.times, 0) >= 1
  AND NOT COALESCE(
    COALESCE(subscription_cancelled.times, 0) >= 1
    OR purchase_made.max_amount < 20,
    FALSE
  )
ORDER BY
  u.user_id;

-- ClickHouse

WITH review_posted_365d AS (
  /* REVIEW_POSTED, 2025-11-22 to 2026-11-22 */
  SELECT
    user_id,
    COUNT(*) AS times
  FROM user_events
  WHERE
    event_name = 'REVIEW_POSTED'
    AND timestamp > toDateTime64('2025-11-22 00:00:00', 6, 'UTC')
    AND timestamp <= toDateTime64('2026-11-22 00:00:00', 6, 'UTC')
  GROUP BY
    user_id
), subscription_cancelled AS (
  /* SUBSCRIPTION_CANCELLED, until 2026-11-22 */
  SELECT
    user_id,
    COUNT(*) AS times
  FROM user_events
  WHERE
    event_name = 'SUBSCRIPTION_CANCELLED'
    AND timestamp <= toDateTime64('2026-11-22 00:00:00', 6, 'UTC')
  GROUP BY
    user_id
), purchase_made AS (
  /* PURCHASE_MADE, until 2026-11-22 */
  SELECT
    user_id,
    MAX(amount) AS max_amount
  FROM user_events
  WHERE
    event_name = 'PURCHASE_MADE'
    AND timestamp <= toDateTime64('2026-11-22 00:00:00', 6, 'UTC')
  GROUP BY
    user_id
)
SELECT
  u.user_id AS user_id
FROM user_attributes AS u
LEFT JOIN review_posted_365d
  ON review_posted_365d.user_id = u.user_id
LEFT JOIN subscription_cancelled
  ON subscription_cancelled.user_id = u.user_id
LEFT JOIN purchase_made
  ON purchase_made.user_id = u.user_id
WHERE
  COALESCE(review_posted_365d.times, 0) >= 1
  AND NOT COALESCE(
    COALESCE(subscription_cancelled.times, 0) >= 1
    OR purchase_made.max_amount < 20,
    FALSE
  )
ORDER BY
  u.user_id
SETTINGS join_use_nulls = 1;

-- Spark

WITH review_posted_365d AS (
  /* REVIEW_POSTED, 2025-11-22 to 2026-11-22 */
  SELECT
    user_id,
    COUNT(*) AS times
  FROM user_events
  WHERE
    event_name = 'REVIEW_POSTED'
    AND timestamp > CAST('2025-11-22 00:00:00' AS TIMESTAMP)
    AND timestamp <= CAST('2026-11-22 00:00:00' AS TIMESTAMP)
  GROUP BY
    user_id
), subscription_cancelled AS (
  /* SUBSCRIPTION_CANCELLED, until 2026-11-22 */
  SELECT
    user_id,
    COUNT(*) AS times
  FROM user_events
  WHERE
    event_name = 'SUBSCRIPTION_CANCELLED'
    AND timestamp <= CAST('2026-11-22 00:00:00' AS TIMESTAMP)
  GROUP BY
    user_id
), purchase_made AS (
  /* PURCHASE_MADE, until 2026-11-22 */
  SELECT
    user_id,
    MAX(amount) AS max_amount
  FROM user_events
  WHERE
    event_name = 'PURCHASE_MADE'
    AND timestamp <= CAST('2026-11-22 00:00:00' AS TIMESTAMP)
  GROUP BY
    user_id
)
SELECT
  u.user_id AS user_id
FROM user_attributes AS u
LEFT JOIN review_posted_365d
  ON review_posted_365d.user_id = u.user_id
LEFT JOIN subscription_cancelled
  ON subscription_cancelled.user_id = u.user_id
LEFT JOIN purchase_made
  ON purchase_made.user_id = u.user_id
WHERE
  COALESCE(review_posted_365d.times, 0) >= 1
  AND NOT COALESCE(
    COALESCE(subscription_cancelled.times, 0) >= 1
    OR purchase_made.max_amount < 20,
    FALSE
  )
ORDER BY
  u.user_id;

-- Databricks

WITH review_posted_365d AS (
  /* REVIEW_POSTED, 2025-11-22 to 2026-11-22 */
  SELECT
    user_id,
    COUNT(*) AS times
  FROM user_events
  WHERE
    event_name = 'REVIEW_POSTED'
    AND timestamp > CAST('2025-11-22 00:00:00' AS TIMESTAMP)
    AND timestamp <= CAST('2026-11-22 00:00:00' AS TIMESTAMP)
  GROUP BY
    user_id
), subscription_cancelled AS (
  /* SUBSCRIPTION_CANCELLED, until 2026-11-22 */
  SELECT
    user_id,
    COUNT(*) AS times
  FROM user_events
  WHERE
    event_name = 'SUBSCRIPTION_CANCELLED'
    AND timestamp <= CAST('2026-11-22 00:00:00' AS TIMESTAMP)
  GROUP BY
    user_id
), purchase_made AS (
  /* PURCHASE_MADE, until 2026-11-22 */
  SELECT
    user_id,
    MAX(amount) AS max_amount
  FROM user_events
  WHERE
    event_name = 'PURCHASE_MADE'
    AND timestamp <= CAST('2026-11-22 00:00:00' AS TIMESTAMP)
  GROUP BY
    user_id
)
SELECT
  u.user_id AS user_id
FROM user_attributes AS u
LEFT JOIN review_posted_365d
  ON review_posted_365d.user_id = u.user_id
LEFT JOIN subscription_cancelled
  ON subscription_cancelled.user_id = u.user_id
LEFT JOIN purchase_made
  ON purchase_made.user_id = u.user_id
WHERE
  COALESCE(review_posted_365d.times, 0) >= 1
  AND NOT COALESCE(
    COALESCE(subscription_cancelled.times, 0) >= 1
    OR purchase_made.max_amount < 20,
    FALSE
  )
ORDER BY
  u.user_id;

-- Snowflake

WITH review_posted_365d AS (
  /* REVIEW_POSTED, 2025-11-22 to 2026-11-22 */
  SELECT
    user_id,
    COUNT(*) AS times
  FROM user_events
  WHERE
    event_name = 'REVIEW_POSTED'
    AND timestamp > CAST('2025-11-22 00:00:00' AS TIMESTAMPNTZ)
    AND timestamp <= CAST('2026-11-22 00:00:00' AS TIMESTAMPNTZ)
  GROUP BY
    user_id
), subscription_cancelled AS (
  /* SUBSCRIPTION_CANCELLED, until 2026-11-22 */
  SELECT
    user_id,
    COUNT(*) AS times
  FROM user_events
  WHERE
    event_name = 'SUBSCRIPTION_CANCELLED'
    AND timestamp <= CAST('2026-11-22 00:00:00' AS TIMESTAMPNTZ)
  GROUP BY
    user_id
), purchase_made AS (
  /* PURCHASE_MADE, until 2026-11-22 */
  SELECT
    user_id,
    MAX(amount) AS max_amount
  FROM user_events
  WHERE
    event_name = 'PURCHASE_MADE'
    AND timestamp <= CAST('2026-11-22 00:00:00' AS TIMESTAMPNTZ)
  GROUP BY
    user_id
)
SELECT
  u.user_id AS user_id
FROM user_attributes AS u
LEFT JOIN review_posted_365d
  ON review_posted_365d.user_id = u.user_id
LEFT JOIN subscription_cancelled
  ON subscription_cancelled.user_id = u.user_id
LEFT JOIN purchase_made
  ON purchase_made.user_id = u.user_id
WHERE
  COALESCE(review_posted_365d.times, 0) >= 1
  AND NOT COALESCE(
    COALESCE(subscription_cancelled.times, 0) >= 1
    OR purchase_made.max_amount < 20,
    FALSE
  )
ORDER BY
  u.user_id;

-- BigQuery

WITH review_posted_365d AS (
  /* REVIEW_POSTED, 2025-11-22 to 2026-11-22 */
  SELECT
    user_id,
    COUNT(*) AS times
  FROM user_events
  WHERE
    event_name = 'REVIEW_POSTED'
    AND timestamp > CAST('2025-11-22 00:00:00' AS DATETIME)
    AND timestamp <= CAST('2026-11-22 00:00:00' AS DATETIME)
  GROUP BY
    user_id
), subscription_cancelled AS (
  /* SUBSCRIPTION_CANCELLED, until 2026-11-22 */
  SELECT
    user_id,
    COUNT(*) AS times
  FROM user_events
  WHERE
    event_name = 'SUBSCRIPTION_CANCELLED'
    AND timestamp <= CAST('2026-11-22 00:00:00' AS DATETIME)
  GROUP BY
    user_id
), purchase_made AS (
  /* PURCHASE_MADE, until 2026-11-22 */
  SELECT
    user_id,
    MAX(amount) AS max_amount
  FROM user_events
  WHERE
    event_name = 'PURCHASE_MADE'
    AND timestamp <= CAST('2026-11-22 00:00:00' AS DATETIME)
  GROUP BY
    user_id
)
SELECT
  u.user_id AS user_id
FROM user_attributes AS u
LEFT JOIN review_posted_365d
  ON review_posted_365d.user_id = u.user_id
LEFT JOIN subscription_cancelled
  ON subscription_cancelled.user_id = u.user_id
LEFT JOIN purchase_made
  ON purchase_made.user_id = u.user_id
WHERE
  COALESCE(review_posted_365d.times, 0) >= 1
  AND NOT COALESCE(
    COALESCE(subscription_cancelled.times, 0) >= 1
    OR purchase_made.max_amount < 20,
    FALSE
  )
ORDER BY
  u.user_id;

-- Trino

WITH review_posted_365d AS (
  /* REVIEW_POSTED, 2025-11-22 to 2026-11-22 */
  SELECT
    user_id,
    COUNT(*) AS times
  FROM user_events
  WHERE
    event_name = 'REVIEW_POSTED'
    AND timestamp > CAST('2025-11-22 00:00:00' AS TIMESTAMP(6))
    AND timestamp <= CAST('2026-11-22 00:00:00' AS TIMESTAMP(6))
  GROUP BY
    user_id
), subscription_cancelled AS (
  /* SUBSCRIPTION_CANCELLED, until 2026-11-22 */
  SELECT
    user_id,
    COUNT(*) AS times
  FROM user_events
  WHERE
    event_name = 'SUBSCRIPTION_CANCELLED'
    AND timestamp <= CAST('2026-11-22 00:00:00' AS TIMESTAMP(6))
  GROUP BY
    user_id
), purchase_made AS (
  /* PURCHASE_MADE, until 2026-11-22 */
  SELECT
    user_id,
    MAX(amount) AS max_amount
  FROM user_events
  WHERE
    event_name = 'PURCHASE_MADE'
    AND timestamp <= CAST('2026-11-22 00:00:00' AS TIMESTAMP(6))
  GROUP BY
    user_id
)
SELECT
  u.user_id AS user_id
FROM user_attributes AS u
LEFT JOIN review_posted_365d
  ON review_posted_365d.user_id = u.user_id
LEFT JOIN subscription_cancelled
  ON subscription_cancelled.user_id = u.user_id
LEFT JOIN purchase_made
  ON purchase_made.user_id = u.user_id
WHERE
  COALESCE(review_posted_365d.times, 0) >= 1
  AND NOT COALESCE(
    COALESCE(subscription_cancelled.times, 0) >= 1
    OR purchase_made.max_amount < 20,
    FALSE
  )
ORDER BY
  u.user_id;

-- Redshift

WITH review_posted_365d AS (
  /* REVIEW_POSTED, 2025-11-22 to 2026-11-22 */
  SELECT
    user_id,
    COUNT(*) AS times
  FROM user_events
  WHERE
    event_name = 'REVIEW_POSTED'
    AND "timestamp" > CAST('2025-11-22 00:00:00' AS TIMESTAMP)
    AND "timestamp" <= CAST('2026-11-22 00:00:00' AS TIMESTAMP)
  GROUP BY
    user_id
), subscription_cancelled AS (
  /* SUBSCRIPTION_CANCELLED, until 2026-11-22 */
  SELECT
    user_id,
    COUNT(*) AS times
  FROM user_events
  WHERE
    event_name = 'SUBSCRIPTION_CANCELLED'
    AND "timestamp" <= CAST('2026-11-22 00:00:00' AS TIMESTAMP)
  GROUP BY
    user_id
), purchase_made AS (
  /* PURCHASE_MADE, until 2026-11-22 */
  SELECT
    user_id,
    MAX(amount) AS max_amount
  FROM user_events
  WHERE
    event_name = 'PURCHASE_MADE'
    AND "timestamp" <= CAST('2026-11-22 00:00:00' AS TIMESTAMP)
  GROUP BY
    user_id
)
SELECT
  u.user_id AS user_id
FROM user_attributes AS u
LEFT JOIN review_posted_365d
  ON review_posted_365d.user_id = u.user_id
LEFT JOIN subscription_cancelled
  ON subscription_cancelled.user_id = u.user_id
LEFT JOIN purchase_made
  ON purchase_made.user_id = u.user_id
WHERE
  COALESCE(review_posted_365d.times, 0) >= 1
  AND NOT COALESCE(
    COALESCE(subscription_cancelled.times, 0) >= 1
    OR purchase_made.max_amount < 20,
    FALSE
  )
ORDER BY
  u.user_id;
