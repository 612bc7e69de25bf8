#include "app/widgets/numbers.h"

#include "tests/catch.h"

#include <limits>

using namespace splatscope;

TEST_CASE("Counts have commas every three digits", "[numbers]") {
    CHECK(count_text(0) == "0");
    CHECK(count_text(999) == "999");
    CHECK(count_text(1000) == "1,000");
    CHECK(count_text(12431) == "12,431");
    CHECK(count_text(1234567) == "1,234,567");
    CHECK(counted(1, "token") == "1 token");
    CHECK(counted(12431, "token") == "12,431 tokens");
}

TEST_CASE("Numbers keep the digits that matter", "[numbers]") {
    CHECK(number_text(0.0) == "0");
    CHECK(number_text(0.0041) == "0.0041");
    CHECK(number_text(0.00412345) == "0.00412");
    CHECK(number_text(1.2e-7) == "1.2e-7");
    CHECK(number_text(-1.25e-7, 2) == "-1.2e-7");
    CHECK(number_text(3.2) == "3.2");
    CHECK(number_text(41.62) == "41.6");
    CHECK(number_text(12431.4) == "12,431");
    CHECK(number_text(999.96) == "1,000");
    CHECK(number_text(1.0) == "1");
    CHECK(number_text(-0.5) == "-0.5");
    CHECK(number_text(2.5e12) == "2.5e12");
    CHECK(number_text(std::numeric_limits<double>::quiet_NaN()) == "not a number");
    CHECK(number_text(std::numeric_limits<double>::infinity()) == "infinite");
}

TEST_CASE("The raw text reads back to the same number", "[numbers]") {
    for (const double value : {0.1, 1.0 / 3.0, 1.2345678901234567e-300, 6.0e22})
        CHECK(std::stod(raw_text(value)) == value);
}

TEST_CASE("Percentages, durations, sizes and attention against uniform", "[numbers]") {
    CHECK(percent_text(0.46) == "46 %");
    CHECK(percent_text(0.0461) == "4.6 %");
    CHECK(percent_text(0.0005) == "0.05 %");
    CHECK(percent_text(0.00001) == "< 0.01 %");
    CHECK(percent_text(0.0) == "0 %");
    CHECK(percent_text(1.0) == "100 %");
    CHECK(percent_text(1.0, 1) == "100.0 %");
    CHECK(percent_text(0.0999) == "10 %");
    CHECK(time_left_text(0.25, 4.0) == "12 s left");
    CHECK(time_left_text(0.25, 0.4).empty());
    CHECK(time_left_text(0.01, 9.0).empty());
    CHECK(duration_text(3.2) == "3.2 ms");
    CHECK(duration_text(800.0) == "800 ms");
    CHECK(duration_text(2400.0) == "2.4 s");
    CHECK(duration_text(125000.0) == "2 min 5 s");
    CHECK(bytes_text(18.2e6) == "18.2 MB");
    CHECK(bytes_text(12) == "12 bytes");
    CHECK(uniform_text(5.83) == "5.8 × uniform");
    CHECK(uniform_text(1.0 / 12.0) == "1/12 of uniform");
    CHECK(uniform_text(0.0) == "none");
    CHECK(range_text({3702, 3912}) == "3,702:3,912");
    CHECK(range_argument({3702, 3912}) == "3702:3912");
}
