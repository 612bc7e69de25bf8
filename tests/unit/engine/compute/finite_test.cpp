#include "engine/compute/card/finite.h"

#include "engine/core/error.h"
#include "engine/core/parallel.h"
#include "tests/catch.h"

#include <limits>
#include <string>

using hsa::Matrix;

TEST_CASE("the first number that is not finite is named, by any number of threads", "[compute]") {
    Matrix<float> rows(9000, 7, 1.5F);
    hsa::expect_finite(rows.view(), "tokens");
    rows(8191, 2) = std::numeric_limits<float>::infinity();
    rows(5000, 6) = std::numeric_limits<float>::quiet_NaN();
    rows(5000, 3) = -std::numeric_limits<float>::infinity();
    const auto said = [&] {
        try {
            hsa::expect_finite(rows.view(), "tokens");
        } catch (const hsa::Error& error) {
            return std::string(error.what());
        }
        return std::string();
    };
    const std::string sentence = said();
    CHECK_THAT(sentence, Catch::Contains("Row 5000, column 3 of the tokens is -inf"));
    const hsa::ThreadLimit one(1);
    CHECK(said() == sentence);
    hsa::expect_finite(rows.view().block(0, 5000), "tokens");
    hsa::expect_finite(Matrix<float>(0, 3).view(), "tokens");
}
