#include "engine/io/detect.h"

#include "tests/unit/engine/io/io_test.h"

using hsa::detect;
using hsa::FileKind;

TEST_CASE("content decides before the name", "[io][detect]") {
    CHECK(detect("a.txt", "\x93NUMPY\x01") == FileKind::npy);
    CHECK(detect("a.txt", "PK\x03\x04") == FileKind::npz);
    CHECK(detect("a", "\x89PNG\r\n\x1A\n") == FileKind::png);
    CHECK(detect("a.json", "\x89SPLATS\n") == FileKind::splats_binary);
    CHECK(detect("a", "\x89HSARUN\n") == FileKind::run);
    CHECK(detect("a.txt", "# splatscope-session 1\nopen x\n") == FileKind::session);
    CHECK(detect("a.txt", "{ \"format\": \"splatscope-splats\" }") == FileKind::splats_json);
}

TEST_CASE("then the ending of the name", "[io][detect]") {
    CHECK(detect("a.TXT", "1,2\n3,4\n") == FileKind::text);
    CHECK(detect("folder.csv/a", "words") == FileKind::text);
    CHECK(detect("a.csv", "words") == FileKind::table);
    CHECK(detect("a.tsv", "words") == FileKind::table);
    CHECK(detect("a.npy", "words") == FileKind::npy);
    CHECK(detect("a.json", "{}") == FileKind::splats_json);
    CHECK(detect("a.run", "") == FileKind::run);
}

TEST_CASE("then how it reads", "[io][detect]") {
    CHECK(detect("-", "1,2\n3,4\n") == FileKind::table);
    CHECK(detect("-", "Once, there was a ship.\n") == FileKind::text);
    CHECK(detect("notes", "{\"a\": 1}") == FileKind::text);
    CHECK(hsa::holds_embeddings(FileKind::npz));
    CHECK_FALSE(hsa::holds_embeddings(FileKind::text));
}
