#include "engine/model/dataset.h"

#include "tests/catch.h"

#include <limits>
#include <memory>

using hsa::Dataset;

namespace {

Dataset text_of_three() {
    Dataset dataset;
    dataset.text = std::make_shared<const std::string>("The  old\n\tsea, the sea");
    dataset.tokens = {{0, 3}, {5, 8}, {10, 13}, {13, 14}, {15, 18}, {19, 22}};
    dataset.types = {0, 1, 2, 3, 0, 2};
    dataset.type_names = {"the", "old", "sea", ","};
    return dataset;
}

}  // namespace

TEST_CASE("dataset: a token is its piece of the text, its label or its index", "[model]") {
    const Dataset text = text_of_three();
    CHECK(text.size() == 6);
    CHECK(text.token_text(2) == "sea");
    Dataset labelled;
    labelled.embeddings = hsa::Embeddings::own(hsa::Matrix<float>(2, 3));
    CHECK(labelled.size() == 2);
    CHECK(labelled.token_text(1) == "1");
    labelled.labels = {"cat", "dog"};
    CHECK(labelled.token_text(1) == "dog");
}

TEST_CASE("dataset: context folds white space and stops at the ends", "[model]") {
    const Dataset text = text_of_three();
    CHECK(text.context(2, 1) == "old sea,");
    CHECK(text.context(0, 2) == "The old sea");
    CHECK(text.context(5, 100) == "The old sea, the sea");
    CHECK(text.context(3, std::numeric_limits<std::size_t>::max()) == "The old sea, the sea");
    Dataset rows;
    rows.embeddings = hsa::Embeddings::own(hsa::Matrix<float>(4, 1));
    CHECK(rows.context(1, 1) == "0 1 2");
}

TEST_CASE("dataset: shares of types", "[model]") {
    const std::vector<double> share = hsa::type_share(text_of_three());
    REQUIRE(share.size() == 6);
    CHECK(share[0] == Approx(2.0 / 6));
    CHECK(share[1] == Approx(1.0 / 6));
    CHECK(share[5] == Approx(2.0 / 6));
    Dataset rows;
    rows.embeddings = hsa::Embeddings::own(hsa::Matrix<float>(4, 1));
    CHECK(hsa::type_share(rows) == std::vector<double>(4, 0.25));
    CHECK(hsa::type_share({}).empty());
}

TEST_CASE("dataset: embeddings keep their memory alive", "[model]") {
    hsa::Embeddings copy;
    {
        hsa::Matrix<float> values(1, 2);
        values(0, 1) = 5.0F;
        copy = hsa::Embeddings::own(std::move(values));
    }
    CHECK(copy.rows(0, 1) == 5.0F);
}
