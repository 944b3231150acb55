-- Who filled a cart in the last two days and did not buy within six hours?
-- Users who did ADDED_TO_CART in the last 48 hours, but then no PURCHASE_MADE within 6 hours, as of 2026-11-22T00:00:00Z.

-- DuckDB

WITH added_to_cart_then_purchase_made_steps AS MATERIALIZED (
  /* ADDED_TO_CART in the last 48 hours, but then no PURCHASE_MADE within 6 hours, until 2026-11-22: a row per user and moment */
  SELECT
    user_id,
    timestamp,
    MAX(CASE WHEN event_name = 'ADDED_TO_CART' THEN timestamp END) AS step_1,
    MAX(CASE WHEN event_name = 'PURCHASE_MADE' THEN timestamp END) AS step_2
  FROM user_events
  WHERE
    event_name IN ('ADDED_TO_CART', 'PURCHASE_MADE')
    AND timestamp > CAST('2026-11-20 00:00:00' AS TIMESTAMP)
    AND timestamp <= CAST('2026-11-22 00:00:00' AS TIMESTAMP)
  GROUP BY
    user_id,
    timestamp
), added_to_cart_then_purchase_made AS MATERIALIZED (
  SELECT DISTINCT
    user_id
  FROM (
    SELECT
      user_id,
      step_1,
      MIN(step_2) OVER (
        PARTITION BY user_id
        ORDER BY timestamp
        ROWS BETWEEN 1 FOLLOWING AND UNBOUNDED FOLLOWING
      ) AS happened
    FROM added_to_cart_then_purchase_made_steps
  ) AS moments
  WHERE
    NOT step_1 IS NULL
    AND step_1 <= CAST('2026-11-21 18:00:00' AS TIMESTAMP)
    AND (
      happened IS NULL OR happened > step_1 + INTERVAL '6' HOUR
    )
)
SELECT
  u.user_id AS user_id
FROM user_attributes AS u
LEFT JOIN added_to_cart_then_purchase_made
  ON added_to_cart_then_purchase_made.user_id = u.user_id
WHERE
  NOT added_to_cart_then_purchase_made.user_id IS NULL
ORDER BY
  u.user_id;

-- PostgreSQL

WITH added_to_cart_then_purchase_made_steps AS (
  /* ADDED_TO_CART in the last 48 hours, but then no PURCHASE_MADE within 6 hours, until 2026-11-22: a row per user and moment */
  SELECT
    user_id,
    timestamp,
    MAX(CASE WHEN event_name = 'ADDED_TO_CART' THEN timestamp END) AS step_1,
    MAX(CASE WHEN event_name = 'PURCHASE_MADE' THEN timestamp END) AS step_2
  FROM user_events
  WHERE
    event_name IN ('ADDED_TO_CART', 'PURCHASE_MADE')
    AND timestamp > CAST('2026-11-20 00:00:00' AS TIMESTAMP)
    AND timestamp <= CAST('2026-11-22 00:00:00' AS TIMESTAMP)
  GROUP BY
    user_id,
    timestamp
), added_to_cart_then_purchase_made AS (
  SELECT DISTINCT
    user_id
  FROM (
    SELECT
      user_id,
      step_1,
      MIN(step_2) OVER (
        PARTITION BY user_id
        ORDER BY timestamp
        ROWS BETWEEN 1 FOLLOWING AND UNBOUNDED FOLLOWING
      ) AS happened
    FROM added_to_cart_then_purchase_made_steps
  ) AS moments
  WHERE
    NOT step_1 IS NULL
    AND step_1 <= CAST('2026-11-21 18:00:00' AS TIMESTAMP)
    AND (
      happened IS NULL OR happened > step_1 + INTERVAL '6 HOUR'
    )
)
SELECT
  u.user_id AS user_id
FROM user_attributes AS u
LEFT JOIN added_to_cart_then_purchase_made
  ON added_to_cart_then_purchase_made.user_id = u.user_id
WHERE
  NOT added_to_cart_then_purchase_made.user_id IS NULL
ORDER BY
  u.user_id;

-- ClickHouse

WITH added_to_cart_then_purchase_made_steps AS (
  /* ADDED_TO_CART in the last 48 hours, but then no PURCHASE_MADE within 6 hours, until 2026-11-22: a row per user and moment */
  SELECT
    user_id,
    timestamp,
    MAX(CASE WHEN event_name = 'ADDED_TO_CART' THEN timestamp END) AS step_1,
    MAX(CASE WHEN event_name = 'PURCHASE_MADE' THEN timestamp END) AS step_2
  FROM user_events
  WHERE
    event_name IN ('ADDED_TO_CART', 'PURCHASE_MADE')
    AND timestamp > toDateTime64('2026-11-20 00:00:00', 6, 'UTC')
    AND timestamp <= toDateTime64('2026-11-22 00:00:00', 6, 'UTC')
  GROUP BY
    user_id,
    timestamp
), added_to_cart_then_purchase_made AS (
  SELECT DISTINCT
    user_id
  FROM (
    SELECT
      user_id,
      step_1,
      MIN(step_2) OVER (
        PARTITION BY user_id
        ORDER BY timestamp
        ROWS BETWEEN 1 FOLLOWING AND UNBOUNDED FOLLOWING
      ) AS happened
    FROM added_to_cart_then_purchase_made_steps
  ) AS moments
  WHERE
    NOT (
      step_1 IS NULL
    )
    AND step_1 <= toDateTime64('2026-11-21 18:00:00', 6, 'UTC')
    AND (
      happened IS NULL OR happened > step_1 + INTERVAL '6' HOUR
    )
)
SELECT
  u.user_id AS user_id
FROM user_attributes AS u
LEFT JOIN added_to_cart_then_purchase_made
  ON added_to_cart_then_purchase_made.user_id = u.user_id
WHERE
  NOT (
    added_to_cart_then_purchase_made.user_id IS NULL
  )
ORDER BY
  u.user_id
SETTINGS join_use_nulls = 1, aggregate_functions_null_for_empty = 1;

-- Spark

WITH added_to_cart_then_purchase_made_steps AS (
  /* ADDED_TO_CART in the last 48 hours, but then no PURCHASE_MADE within 6 hours, until 2026-11-22: a row per user and moment */
  SELECT
    user_id,
    timestamp,
    MAX(CASE WHEN event_name = 'ADDED_TO_CART' THEN timestamp END) AS step_1,
    MAX(CASE WHEN event_name = 'PURCHASE_MADE' THEN timestamp END) AS step_2
  FROM user_events
  WHERE
    event_name IN ('ADDED_TO_CART', 'PURCHASE_MADE')
    AND timestamp > CAST('2026-11-20 00:00:00' AS TIMESTAMP)
    AND timestamp <= CAST('2026-11-22 00:00:00' AS TIMESTAMP)
  GROUP BY
    user_id,
    timestamp
), added_to_cart_then_purchase_made AS (
  SELECT DISTINCT
    user_id
  FROM (
    SELECT
      user_id,
      step_1,
      MIN(step_2) OVER (
        PARTITION BY user_id
        ORDER BY timestamp NULLS LAST
        ROWS BETWEEN 1 FOLLOWING AND UNBOUNDED FOLLOWING
      ) AS happened
    FROM added_to_cart_then_purchase_made_steps
  ) AS moments
  WHERE
    NOT step_1 IS NULL
    AND step_1 <= CAST('2026-11-21 18:00:00' AS TIMESTAMP)
    AND (
      happened IS NULL OR happened > step_1 + INTERVAL '6' HOUR
    )
)
SELECT
  u.user_id AS user_id
FROM user_attributes AS u
LEFT JOIN added_to_cart_then_purchase_made
  ON added_to_cart_then_purchase_made.user_id = u.user_id
WHERE
  NOT added_to_cart_then_purchase_made.user_id IS NULL
ORDER BY
  u.user_id;

-- Databricks

WITH added_to_cart_then_purchase_made_steps AS (
  /* ADDED_TO_CART in the last 48 hours, but then no PURCHASE_MADE within 6 hours, until 2026-11-22: a row per user and moment */
  SELECT
    user_id,
    timestamp,
    MAX(CASE WHEN event_name = 'ADDED_TO_CART' THEN timestamp END) AS step_1,
    MAX(CASE WHEN event_name = 'PURCHASE_MADE' THEN timestamp END) AS step_2
  FROM user_events
  WHERE
    event_name IN ('ADDED_TO_CART', 'PURCHASE_MADE')
    AND timestamp > CAST('2026-11-20 00:00:00' AS TIMESTAMP)
    AND timestamp <= CAST('2026-11-22 00:00:00' AS TIMESTAMP)
  GROUP BY
    user_id,
    timestamp
), added_to_cart_then_purchase_made AS (
  SELECT DISTINCT
    user_id
  FROM (
    SELECT
      user_id,
      step_1,
      MIN(step_2) OVER (
        PARTITION BY user_id
        ORDER BY timestamp NULLS LAST
        ROWS BETWEEN 1 FOLLOWING AND UNBOUNDED FOLLOWING
      ) AS happened
    FROM added_to_cart_then_purchase_made_steps
  ) AS moments
  WHERE
    NOT step_1 IS NULL
    AND step_1 <= CAST('2026-11-21 18:00:00' AS TIMESTAMP)
    AND (
      happened IS NULL OR happened > step_1 + INTERVAL '6' HOUR
    )
)
SELECT
  u.user_id AS user_id
FROM user_attributes AS u
LEFT JOIN added_to_cart_then_purchase_made
  ON added_to_cart_then_purchase_made.user_id = u.user_id
WHERE
  NOT added_to_cart_then_purchase_made.user_id IS NULL
ORDER BY
  u.user_id;

-- Snowflake

WITH added_to_cart_then_purchase_made_steps AS (
  /* ADDED_TO_CART in the last 48 hours, but then no PURCHASE_MADE within 6 hours, until 2026-11-22: a row per user and moment */
  SELECT
    user_id,
    timestamp,
    MAX(CASE WHEN event_name = 'ADDED_TO_CART' THEN timestamp END) AS step_1,
    MAX(CASE WHEN event_name = 'PURCHASE_MADE' THEN timestamp END) AS step_2
  FROM user_events
  WHERE
    event_name IN ('ADDED_TO_CART', 'PURCHASE_MADE')
    AND timestamp > CAST('2026-11-20 00:00:00' AS TIMESTAMPNTZ)
    AND timestamp <= CAST('2026-11-22 00:00:00' AS TIMESTAMPNTZ)
  GROUP BY
    user_id,
    timestamp
), added_to_cart_then_purchase_made AS (
  SELECT DISTINCT
    user_id
  FROM (
    SELECT
      user_id,
      step_1,
      MIN(step_2) OVER (
        PARTITION BY user_id
        ORDER BY timestamp
        ROWS BETWEEN 1 FOLLOWING AND UNBOUNDED FOLLOWING
      ) AS happened
    FROM added_to_cart_then_purchase_made_steps
  ) AS moments
  WHERE
    NOT step_1 IS NULL
    AND step_1 <= CAST('2026-11-21 18:00:00' AS TIMESTAMPNTZ)
    AND (
      happened IS NULL OR happened > step_1 + INTERVAL '6 HOUR'
    )
)
SELECT
  u.user_id AS user_id
FROM user_attributes AS u
LEFT JOIN added_to_cart_then_purchase_made
  ON added_to_cart_then_purchase_made.user_id = u.user_id
WHERE
  NOT added_to_cart_then_purchase_made.user_id IS NULL
ORDER BY
  u.user_id;

-- BigQuery

WITH added_to_cart_then_purchase_made_steps AS (
  /* ADDED_TO_CART in the last 48 hours, but then no PURCHASE_MADE within 6 hours, until 2026-11-22: a row per user and moment */
  SELECT
    user_id,
    timestamp,
    MAX(CASE WHEN event_name = 'ADDED_TO_CART' THEN timestamp END) AS step_1,
    MAX(CASE WHEN event_name = 'PURCHASE_MADE' THEN timestamp END) AS step_2
  FROM user_events
  WHERE
    event_name IN ('ADDED_TO_CART', 'PURCHASE_MADE')
    AND timestamp > CAST('2026-11-20 00:00:00' AS DATETIME)
    AND timestamp <= CAST('2026-11-22 00:00:00' AS DATETIME)
  GROUP BY
    user_id,
    timestamp
), added_to_cart_then_purchase_made AS (
  SELECT DISTINCT
    user_id
  FROM (
    SELECT
      user_id,
      step_1,
      MIN(step_2) OVER (
        PARTITION BY user_id
        ORDER BY timestamp
        ROWS BETWEEN 1 FOLLOWING AND UNBOUNDED FOLLOWING
      ) AS happened
    FROM added_to_cart_then_purchase_made_steps
  ) AS moments
  WHERE
    NOT step_1 IS NULL
    AND step_1 <= CAST('2026-11-21 18:00:00' AS DATETIME)
    AND (
      happened IS NULL OR happened > step_1 + INTERVAL 6 HOUR
    )
)
SELECT
  u.user_id AS user_id
FROM user_attributes AS u
LEFT JOIN added_to_cart_then_purchase_made
  ON added_to_cart_then_purchase_made.user_id = u.user_id
WHERE
  NOT added_to_cart_then_purchase_made.user_id IS NULL
ORDER BY
  u.user_id;

-- Trino

WITH added_to_cart_then_purchase_made_steps AS (
  /* ADDED_TO_CART in the last 48 hours, but then no PURCHASE_MADE within 6 hours, until 2026-11-22: a row per user and moment */
  SELECT
    user_id,
    timestamp,
    MAX(CASE WHEN event_name = 'ADDED_TO_CART' THEN timestamp END) AS step_1,
    MAX(CASE WHEN event_name = 'PURCHASE_MADE' THEN timestamp END) AS step_2
  FROM user_events
  WHERE
    event_name IN ('ADDED_TO_CART', 'PURCHASE_MADE')
    AND timestamp > CAST('2026-11-20 00:00:00' AS TIMESTAMP(6))
    AND timestamp <= CAST('2026-11-22 00:00:00' AS TIMESTAMP(6))
  GROUP BY
    user_id,
    timestamp
), added_to_cart_then_purchase_made AS (
  SELECT DISTINCT
    user_id
  FROM (
    SELECT
      user_id,
      step_1,
      MIN(step_2) OVER (
        PARTITION BY user_id
        ORDER BY timestamp
        ROWS BETWEEN 1 FOLLOWING AND UNBOUNDED FOLLOWING
      ) AS happened
    FROM added_to_cart_then_purchase_made_steps
  ) AS moments
  WHERE
    NOT step_1 IS NULL
    AND step_1 <= CAST('2026-11-21 18:00:00' AS TIMESTAMP(6))
    AND (
      happened IS NULL OR happened > step_1 + INTERVAL '6' HOUR
    )
)
SELECT
  u.user_id AS user_id
FROM user_attributes AS u
LEFT JOIN added_to_cart_then_purchase_made
  ON added_to_cart_then_purchase_made.user_id = u.user_id
WHERE
  NOT added_to_cart_then_purchase_made.user_id IS NULL
ORDER BY
  u.user_id;

-- Redshift

WITH added_to_cart_then_purchase_made_steps AS (
  /* ADDED_TO_CART in the last 48 hours, but then no PURCHASE_MADE within 6 hours, until 2026-11-22: a row per user and moment */
  SELECT
    user_id,
    "timestamp",
    MAX(CASE WHEN event_name = 'ADDED_TO_CART' THEN "timestamp" END) AS step_1,
    MAX(CASE WHEN event_name = 'PURCHASE_MADE' THEN "timestamp" END) AS step_2
  FROM user_events
  WHERE
    event_name IN ('ADDED_TO_CART', 'PURCHASE_MADE')
    AND "timestamp" > CAST('2026-11-20 00:00:00' AS TIMESTAMP)
    AND "timestamp" <= CAST('2026-11-22 00:00:00' AS TIMESTAMP)
  GROUP BY
    user_id,
    "timestamp"
), added_to_cart_then_purchase_made AS (
  SELECT DISTINCT
    user_id
  FROM (
    SELECT
      user_id,
      step_1,
      MIN(step_2) OVER (
        PARTITION BY user_id
        ORDER BY "timestamp"
        ROWS BETWEEN 1 FOLLOWING AND UNBOUNDED FOLLOWING
      ) AS happened
    FROM added_to_cart_then_purchase_made_steps
  ) AS moments
  WHERE
    NOT step_1 IS NULL
    AND step_1 <= CAST('2026-11-21 18:00:00' AS TIMESTAMP)
    AND (
      happened IS NULL OR happened > step_1 + INTERVAL '6 HOUR'
    )
)
SELECT
  u.user_id AS user_id
FROM user_attributes AS u
LEFT JOIN added_to_cart_then_purchase_made
  ON added_to_cart_then_purchase_made.user_id = u.user_id
WHERE
  NOT added_to_cart_then_purchase_made.user_id IS NULL
ORDER BY
  u.user_id;
