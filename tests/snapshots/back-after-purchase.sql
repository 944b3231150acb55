-- Who came back within 60 days of buying something, in the last year?
-- Users who did PURCHASE_MADE in the last 365 days, then LOGIN or PAGE_VIEW within 60 days, as of 2026-11-22T00:00:00Z.

-- DuckDB

WITH purchase_made_then_login_steps AS MATERIALIZED (
  /* PURCHASE_MADE in the last 365 days, then LOGIN or PAGE_VIEW within 60 days, until 2026-11-22: a row per user and moment */
  SELECT
    user_id,
    timestamp,
    MAX(CASE WHEN event_name = 'PURCHASE_MADE' THEN timestamp END) AS step_1,
    MAX(
      CASE
        WHEN event_name IN ('LOGIN', 'PAGE_VIEW')
        THEN timestamp
      END
    ) AS step_2
  FROM user_events
  WHERE
    event_name IN ('PURCHASE_MADE', 'LOGIN', 'PAGE_VIEW')
    AND timestamp > CAST('2025-11-22 00:00:00' AS TIMESTAMP)
    AND timestamp <= CAST('2026-11-22 00:00:00' AS TIMESTAMP)
  GROUP BY
    user_id,
    timestamp
), purchase_made_then_login AS MATERIALIZED (
  SELECT DISTINCT
    user_id
  FROM (
    SELECT
      user_id,
      step_2,
      MIN(step_1) OVER (
        PARTITION BY user_id
        ORDER BY timestamp
        RANGE BETWEEN INTERVAL '60' DAY PRECEDING AND CURRENT ROW
      ) AS began
    FROM purchase_made_then_login_steps
  ) AS moments
  WHERE
    NOT step_2 IS NULL AND began < step_2
)
SELECT
  u.user_id AS user_id
FROM user_attributes AS u
LEFT JOIN purchase_made_then_login
  ON purchase_made_then_login.user_id = u.user_id
WHERE
  NOT purchase_made_then_login.user_id IS NULL
ORDER BY
  u.user_id;

-- PostgreSQL

WITH purchase_made_then_login_steps AS (
  /* PURCHASE_MADE in the last 365 days, then LOGIN or PAGE_VIEW within 60 days, until 2026-11-22: a row per user and moment */
  SELECT
    user_id,
    timestamp,
    MAX(CASE WHEN event_name = 'PURCHASE_MADE' THEN timestamp END) AS step_1,
    MAX(
      CASE
        WHEN event_name IN ('LOGIN', 'PAGE_VIEW')
        THEN timestamp
      END
    ) AS step_2
  FROM user_events
  WHERE
    event_name IN ('PURCHASE_MADE', 'LOGIN', 'PAGE_VIEW')
    AND timestamp > CAST('2025-11-22 00:00:00' AS TIMESTAMP)
    AND timestamp <= CAST('2026-11-22 00:00:00' AS TIMESTAMP)
  GROUP BY
    user_id,
    timestamp
), purchase_made_then_login AS (
  SELECT DISTINCT
    user_id
  FROM (
    SELECT
      user_id,
      step_2,
      MIN(step_1) OVER (
        PARTITION BY user_id
        ORDER BY timestamp
        RANGE BETWEEN INTERVAL '60 DAY' PRECEDING AND CURRENT ROW
      ) AS began
    FROM purchase_made_then_login_steps
  ) AS moments
  WHERE
    NOT step_2 IS NULL AND began < step_2
)
SELECT
  u.user_id AS user_id
FROM user_attributes AS u
LEFT JOIN purchase_made_then_login
  ON purchase_made_then_login.user_id = u.user_id
WHERE
  NOT purchase_made_then_login.user_id IS NULL
ORDER BY
  u.user_id;

-- ClickHouse

WITH purchase_made_then_login_steps AS (
  /* PURCHASE_MADE in the last 365 days, then LOGIN or PAGE_VIEW within 60 days, until 2026-11-22: a row per user and moment */
  SELECT
    user_id,
    timestamp,
    MAX(CASE WHEN event_name = 'PURCHASE_MADE' THEN timestamp END) AS step_1,
    MAX(
      CASE
        WHEN event_name IN ('LOGIN', 'PAGE_VIEW')
        THEN timestamp
      END
    ) AS step_2
  FROM user_events
  WHERE
    event_name IN ('PURCHASE_MADE', 'LOGIN', 'PAGE_VIEW')
    AND timestamp > toDateTime64('2025-11-22 00:00:00', 6, 'UTC')
    AND timestamp <= toDateTime64('2026-11-22 00:00:00', 6, 'UTC')
  GROUP BY
    user_id,
    timestamp
), purchase_made_then_login AS (
  SELECT DISTINCT
    user_id
  FROM (
    SELECT
      user_id,
      step_2,
      spans.began AS began
    FROM purchase_made_then_login_steps
    JOIN (
      SELECT
        here.user_id AS user_id,
        here.timestamp AS timestamp,
        MIN(before.step_1) AS began
      FROM purchase_made_then_login_steps AS here
      JOIN purchase_made_then_login_steps AS before
        ON before.user_id = here.user_id
      WHERE
        before.timestamp BETWEEN here.timestamp - INTERVAL '60' DAY AND here.timestamp
      GROUP BY
        here.user_id,
        here.timestamp
    ) AS spans
      USING (user_id, timestamp)
  ) AS moments
  WHERE
    NOT (
      step_2 IS NULL
    ) AND began < step_2
)
SELECT
  u.user_id AS user_id
FROM user_attributes AS u
LEFT JOIN purchase_made_then_login
  ON purchase_made_then_login.user_id = u.user_id
WHERE
  NOT (
    purchase_made_then_login.user_id IS NULL
  )
ORDER BY
  u.user_id
SETTINGS join_use_nulls = 1;

-- Spark

WITH purchase_made_then_login_steps AS (
  /* PURCHASE_MADE in the last 365 days, then LOGIN or PAGE_VIEW within 60 days, until 2026-11-22: a row per user and moment */
  SELECT
    user_id,
    timestamp,
    MAX(CASE WHEN event_name = 'PURCHASE_MADE' THEN timestamp END) AS step_1,
    MAX(
      CASE
        WHEN event_name IN ('LOGIN', 'PAGE_VIEW')
        THEN timestamp
      END
    ) AS step_2
  FROM user_events
  WHERE
    event_name IN ('PURCHASE_MADE', 'LOGIN', 'PAGE_VIEW')
    AND timestamp > CAST('2025-11-22 00:00:00' AS TIMESTAMP)
    AND timestamp <= CAST('2026-11-22 00:00:00' AS TIMESTAMP)
  GROUP BY
    user_id,
    timestamp
), purchase_made_then_login AS (
  SELECT DISTINCT
    user_id
  FROM (
    SELECT
      user_id,
      step_2,
      MIN(step_1) OVER (
        PARTITION BY user_id
        ORDER BY timestamp NULLS LAST
        RANGE BETWEEN INTERVAL '60' DAY PRECEDING AND CURRENT ROW
      ) AS began
    FROM purchase_made_then_login_steps
  ) AS moments
  WHERE
    NOT step_2 IS NULL AND began < step_2
)
SELECT
  u.user_id AS user_id
FROM user_attributes AS u
LEFT JOIN purchase_made_then_login
  ON purchase_made_then_login.user_id = u.user_id
WHERE
  NOT purchase_made_then_login.user_id IS NULL
ORDER BY
  u.user_id;

-- Databricks

WITH purchase_made_then_login_steps AS (
  /* PURCHASE_MADE in the last 365 days, then LOGIN or PAGE_VIEW within 60 days, until 2026-11-22: a row per user and moment */
  SELECT
    user_id,
    timestamp,
    MAX(CASE WHEN event_name = 'PURCHASE_MADE' THEN timestamp END) AS step_1,
    MAX(
      CASE
        WHEN event_name IN ('LOGIN', 'PAGE_VIEW')
        THEN timestamp
      END
    ) AS step_2
  FROM user_events
  WHERE
    event_name IN ('PURCHASE_MADE', 'LOGIN', 'PAGE_VIEW')
    AND timestamp > CAST('2025-11-22 00:00:00' AS TIMESTAMP)
    AND timestamp <= CAST('2026-11-22 00:00:00' AS TIMESTAMP)
  GROUP BY
    user_id,
    timestamp
), purchase_made_then_login AS (
  SELECT DISTINCT
    user_id
  FROM (
    SELECT
      user_id,
      step_2,
      MIN(step_1) OVER (
        PARTITION BY user_id
        ORDER BY timestamp NULLS LAST
        RANGE BETWEEN INTERVAL '60' DAY PRECEDING AND CURRENT ROW
      ) AS began
    FROM purchase_made_then_login_steps
  ) AS moments
  WHERE
    NOT step_2 IS NULL AND began < step_2
)
SELECT
  u.user_id AS user_id
FROM user_attributes AS u
LEFT JOIN purchase_made_then_login
  ON purchase_made_then_login.user_id = u.user_id
WHERE
  NOT purchase_made_then_login.user_id IS NULL
ORDER BY
  u.user_id;

-- Snowflake

WITH purchase_made_then_login_steps AS (
  /* PURCHASE_MADE in the last 365 days, then LOGIN or PAGE_VIEW within 60 days, until 2026-11-22: a row per user and moment */
  SELECT
    user_id,
    timestamp,
    MAX(CASE WHEN event_name = 'PURCHASE_MADE' THEN timestamp END) AS step_1,
    MAX(
      CASE
        WHEN event_name IN ('LOGIN', 'PAGE_VIEW')
        THEN timestamp
      END
    ) AS step_2
  FROM user_events
  WHERE
    event_name IN ('PURCHASE_MADE', 'LOGIN', 'PAGE_VIEW')
    AND timestamp > CAST('2025-11-22 00:00:00' AS TIMESTAMPNTZ)
    AND timestamp <= CAST('2026-11-22 00:00:00' AS TIMESTAMPNTZ)
  GROUP BY
    user_id,
    timestamp
), purchase_made_then_login AS (
  SELECT DISTINCT
    user_id
  FROM (
    SELECT
      user_id,
      step_2,
      MIN(step_1) OVER (
        PARTITION BY user_id
        ORDER BY timestamp
        RANGE BETWEEN INTERVAL '60 DAY' PRECEDING AND CURRENT ROW
      ) AS began
    FROM purchase_made_then_login_steps
  ) AS moments
  WHERE
    NOT step_2 IS NULL AND began < step_2
)
SELECT
  u.user_id AS user_id
FROM user_attributes AS u
LEFT JOIN purchase_made_then_login
  ON purchase_made_then_login.user_id = u.user_id
WHERE
  NOT purchase_made_then_login.user_id IS NULL
ORDER BY
  u.user_id;

-- BigQuery

WITH purchase_made_then_login_steps AS (
  /* PURCHASE_MADE in the last 365 days, then LOGIN or PAGE_VIEW within 60 days, until 2026-11-22: a row per user and moment */
  SELECT
    user_id,
    timestamp,
    MAX(CASE WHEN event_name = 'PURCHASE_MADE' THEN timestamp END) AS step_1,
    MAX(
      CASE
        WHEN event_name IN ('LOGIN', 'PAGE_VIEW')
        THEN timestamp
      END
    ) AS step_2
  FROM user_events
  WHERE
    event_name IN ('PURCHASE_MADE', 'LOGIN', 'PAGE_VIEW')
    AND timestamp > CAST('2025-11-22 00:00:00' AS DATETIME)
    AND timestamp <= CAST('2026-11-22 00:00:00' AS DATETIME)
  GROUP BY
    user_id,
    timestamp
), purchase_made_then_login AS (
  SELECT DISTINCT
    user_id
  FROM (
    SELECT
      user_id,
      step_2,
      MIN(step_1) OVER (
        PARTITION BY user_id
        ORDER BY UNIX_MICROS(TIMESTAMP(timestamp))
        RANGE BETWEEN 5184000000000 PRECEDING AND CURRENT ROW
      ) AS began
    FROM purchase_made_then_login_steps
  ) AS moments
  WHERE
    NOT step_2 IS NULL AND began < step_2
)
SELECT
  u.user_id AS user_id
FROM user_attributes AS u
LEFT JOIN purchase_made_then_login
  ON purchase_made_then_login.user_id = u.user_id
WHERE
  NOT purchase_made_then_login.user_id IS NULL
ORDER BY
  u.user_id;

-- Trino

WITH purchase_made_then_login_steps AS (
  /* PURCHASE_MADE in the last 365 days, then LOGIN or PAGE_VIEW within 60 days, until 2026-11-22: a row per user and moment */
  SELECT
    user_id,
    timestamp,
    MAX(CASE WHEN event_name = 'PURCHASE_MADE' THEN timestamp END) AS step_1,
    MAX(
      CASE
        WHEN event_name IN ('LOGIN', 'PAGE_VIEW')
        THEN timestamp
      END
    ) AS step_2
  FROM user_events
  WHERE
    event_name IN ('PURCHASE_MADE', 'LOGIN', 'PAGE_VIEW')
    AND timestamp > CAST('2025-11-22 00:00:00' AS TIMESTAMP(6))
    AND timestamp <= CAST('2026-11-22 00:00:00' AS TIMESTAMP(6))
  GROUP BY
    user_id,
    timestamp
), purchase_made_then_login AS (
  SELECT DISTINCT
    user_id
  FROM (
    SELECT
      user_id,
      step_2,
      MIN(step_1) OVER (
        PARTITION BY user_id
        ORDER BY timestamp
        RANGE BETWEEN INTERVAL '60' DAY PRECEDING AND CURRENT ROW
      ) AS began
    FROM purchase_made_then_login_steps
  ) AS moments
  WHERE
    NOT step_2 IS NULL AND began < step_2
)
SELECT
  u.user_id AS user_id
FROM user_attributes AS u
LEFT JOIN purchase_made_then_login
  ON purchase_made_then_login.user_id = u.user_id
WHERE
  NOT purchase_made_then_login.user_id IS NULL
ORDER BY
  u.user_id;

-- Redshift

WITH purchase_made_then_login_steps AS (
  /* PURCHASE_MADE in the last 365 days, then LOGIN or PAGE_VIEW within 60 days, until 2026-11-22: a row per user and moment */
  SELECT
    user_id,
    "timestamp",
    MAX(CASE WHEN event_name = 'PURCHASE_MADE' THEN "timestamp" END) AS step_1,
    MAX(
      CASE
        WHEN event_name IN ('LOGIN', 'PAGE_VIEW')
        THEN "timestamp"
      END
    ) AS step_2
  FROM user_events
  WHERE
    event_name IN ('PURCHASE_MADE', 'LOGIN', 'PAGE_VIEW')
    AND "timestamp" > CAST('2025-11-22 00:00:00' AS TIMESTAMP)
    AND "timestamp" <= CAST('2026-11-22 00:00:00' AS TIMESTAMP)
  GROUP BY
    user_id,
    "timestamp"
), purchase_made_then_login AS (
  SELECT DISTINCT
    user_id
  FROM (
    SELECT
      user_id,
      step_2,
      spans.began AS began
    FROM purchase_made_then_login_steps
    JOIN (
      SELECT
        here.user_id AS user_id,
        here."timestamp" AS "timestamp",
        MIN(before.step_1) AS began
      FROM purchase_made_then_login_steps AS here
      JOIN purchase_made_then_login_steps AS before
        ON before.user_id = here.user_id
      WHERE
        before."timestamp" BETWEEN here."timestamp" - INTERVAL '60 DAY' AND here."timestamp"
      GROUP BY
        here.user_id,
        here."timestamp"
    ) AS spans
      USING (user_id, "timestamp")
  ) AS moments
  WHERE
    NOT step_2 IS NULL AND began < step_2
)
SELECT
  u.user_id AS user_id
FROM user_attributes AS u
LEFT JOIN purchase_made_then_login
  ON purchase_made_then_login.user_id = u.user_id
WHERE
  NOT purchase_made_then_login.user_id IS NULL
ORDER BY
  u.user_id;
