#include "engine/io/csv.h"

#include "engine/io/open.h"
#include "tests/catch.h"

TEST_CASE("fields are quoted where they must be", "[io][csv]") {
    CHECK(hsa::csv_field("plain word") == "plain word");
    CHECK(hsa::csv_field("") == "");
    CHECK(hsa::csv_field("a,b") == "\"a,b\"");
    CHECK(hsa::csv_field("a \"b\"") == "\"a \"\"b\"\"\"");
    CHECK(hsa::csv_field("a\nb") == "\"a\nb\"");
    CHECK(hsa::csv_field(" a") == "\" a\"");
}

TEST_CASE("vectors come back from .csv as they were", "[io][csv]") {
    for (const char* labels : {"sea,", "\"a, \"\"b\"\"\","}) {
        const std::string text = std::string("w,x,y\n") + labels + "0.1,-3e-20\nlast,1e20,7\n";
        const hsa::Dataset data = hsa::open_embeddings("a.csv", text);
        const hsa::Dataset again = hsa::open_embeddings("b.csv", hsa::write_embeddings_csv(data));
        CHECK(again.labels == data.labels);
        REQUIRE(again.size() == data.size());
        for (std::size_t i = 0; i < data.size(); ++i)
            for (std::size_t c = 0; c < 2; ++c)
                CHECK(again.embeddings.rows(i, c) == data.embeddings.rows(i, c));
    }
    const hsa::Dataset plain = hsa::open_embeddings("a.csv", "1,2\n3,4\n");
    CHECK(hsa::write_embeddings_csv(plain) == "x0,x1\n1,2\n3,4\n");
}

TEST_CASE("tokens as .csv have their properties", "[io][csv]") {
    hsa::Dataset data = hsa::open_embeddings("a.csv", "w,kind,x\nsea,a b,1\n\"x,y\",c,2\n");
    CHECK(hsa::write_tokens_csv(data) ==
          "index,text,begin,end,sentence,paragraph,section,kind\n"
          "0,sea,,,,,,a b\n1,\"x,y\",,,,,,c\n");
}
