BEGIN TRANSACTION;
CREATE TABLE saved_segments (
	id VARCHAR(64) NOT NULL, 
	version INTEGER NOT NULL, 
	deleted BOOLEAN NOT NULL, 
	created DATETIME NOT NULL, 
	PRIMARY KEY (id)
);
INSERT INTO "saved_segments" VALUES('adults',3,0,'2026-11-20 09:30:00.000000');
INSERT INTO "saved_segments" VALUES('vip',1,0,'2026-11-20 09:30:00.000000');
INSERT INTO "saved_segments" VALUES('gone',2,1,'2026-11-20 09:30:00.000000');
INSERT INTO "saved_segments" VALUES('back',3,0,'2026-11-20 09:30:00.000000');
CREATE TABLE segment_drafts (
	id VARCHAR(64) NOT NULL, 
	edition INTEGER NOT NULL, 
	updated DATETIME NOT NULL, 
	document TEXT NOT NULL, 
	PRIMARY KEY (id)
);
INSERT INTO "segment_drafts" VALUES('draft-1',2,'2026-11-22 09:30:00.000000','{"name": "🦆🦆"}');
INSERT INTO "segment_drafts" VALUES('draft-2',1,'2026-11-20 09:30:00.000000','{}');
CREATE TABLE segment_library (
	"row" INTEGER NOT NULL CHECK (row = 1), 
	schema_version INTEGER NOT NULL, 
	PRIMARY KEY ("row")
);
INSERT INTO "segment_library" VALUES(1,1);
CREATE TABLE segment_references (
	segment VARCHAR(64) NOT NULL, 
	used VARCHAR(64) NOT NULL, 
	path TEXT NOT NULL, 
	PRIMARY KEY (segment, used), 
	FOREIGN KEY(segment) REFERENCES saved_segments (id), 
	FOREIGN KEY(used) REFERENCES saved_segments (id)
);
INSERT INTO "segment_references" VALUES('vip','adults','segment_filters.0.segment');
CREATE TABLE segment_revisions (
	segment VARCHAR(64) NOT NULL, 
	version INTEGER NOT NULL, 
	action VARCHAR(16) NOT NULL, 
	updated DATETIME NOT NULL, 
	name TEXT NOT NULL, 
	description TEXT NOT NULL, 
	tags TEXT NOT NULL, 
	owner TEXT NOT NULL, 
	spec TEXT NOT NULL, 
	PRIMARY KEY (segment, version), 
	FOREIGN KEY(segment) REFERENCES saved_segments (id)
);
INSERT INTO "segment_revisions" VALUES('adults',1,'created','2026-11-20 09:30:00.000000','Adults','All of 18 and more','["age","core"]','Ann O''Neil','{"user_filters":[{"field":"age","operator":"gte","value":18}]}');
INSERT INTO "segment_revisions" VALUES('adults',2,'saved','2026-11-20 10:30:00.000005','Adults','All of 18 and more','["age","core"]','Ann O''Neil','{"user_filters":[{"field":"age","operator":"gte","value":21.5}]}');
INSERT INTO "segment_revisions" VALUES('adults',3,'described','2026-11-20 11:30:00.000000','Grown-ups','All of 18 and more','["age","core"]','Ann O''Neil','{"user_filters":[{"field":"age","operator":"gte","value":21.5}]}');
INSERT INTO "segment_revisions" VALUES('vip',1,'created','2026-11-20 09:30:00.000000','vip','','["spring"]','Bob','{"segment_filters":[{"segment":"adults","operator":"in"}],"limit":100}');
INSERT INTO "segment_revisions" VALUES('gone',1,'created','2026-11-20 09:30:00.000000','gone','','[]','','{"limit":7}');
INSERT INTO "segment_revisions" VALUES('gone',2,'deleted','2026-11-21 09:30:00.000000','gone','','[]','','{"limit":7}');
INSERT INTO "segment_revisions" VALUES('back',1,'created','2026-11-20 09:30:00.000000','back','','[]','','{}');
INSERT INTO "segment_revisions" VALUES('back',2,'deleted','2026-11-20 09:30:00.000000','back','','[]','','{}');
INSERT INTO "segment_revisions" VALUES('back',3,'restored','2026-11-21 09:30:00.000000','back','','[]','','{}');
CREATE TABLE segment_rows (
	segment VARCHAR(64) NOT NULL, 
	version INTEGER NOT NULL, 
	document TEXT NOT NULL, 
	PRIMARY KEY (segment, version), 
	FOREIGN KEY(segment) REFERENCES saved_segments (id)
);
INSERT INTO "segment_rows" VALUES('adults',2,'{"rows": ["O''Neil", "50% ñ 🦆", null]}');
INSERT INTO "segment_rows" VALUES('adults',3,'{"rows": ["O''Neil", "50% ñ 🦆", null]}');
CREATE INDEX ix_segment_drafts_updated ON segment_drafts (updated);
CREATE INDEX ix_segment_references_used ON segment_references (used);
COMMIT;
