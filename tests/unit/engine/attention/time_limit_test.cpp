#include "engine/attention/factors.h"
#include "engine/attention/picture.h"
#include "engine/core/random.h"
#include "tests/catch.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <stop_token>
#include <string_view>
#include <vector>

namespace {

hsa::Factors factors_of(std::size_t n) {
    hsa::Factors factors;
    hsa::Matrix<float> p(n, 3), k(n, 3);
    for (std::size_t e = 0; e < p.size(); ++e) {
        p.data()[e] = 1.0F / 3.0F;
        k.data()[e] =
            static_cast<float>((1.0 + 0.1 * hsa::Random{7, e}.normal()) / static_cast<double>(n));
    }
    factors.p = std::move(p);
    factors.k = std::move(k);
    factors.ids = {0, 1, 2};
    factors.level = {0, 0, 0};
    factors.log_weight.assign(3, 0.0);
    factors.log_mass.assign(3, 0.0);
    factors.log_normaliser.assign(n, 0.0F);
    return factors;
}

}  // namespace

TEST_CASE("a picture whose time is over has what was finished and marks the rest",
          "[attention][picture][recover]") {
    const hsa::Factors factors = factors_of(1024);
    const hsa::TileSums sums = hsa::tile_sums(factors);
    hsa::PictureRequest request;
    request.rows = request.columns = {0, 1024};
    request.height = request.width = 256;
    hsa::AttentionSettings settings;
    hsa::Work over;
    over.until = std::chrono::steady_clock::now() - std::chrono::seconds(1);
    hsa::Work enough;
    enough.until = std::chrono::steady_clock::now() + std::chrono::hours(1);
    for (const std::size_t top_k : {0U, 5U}) {
        settings.top_k = top_k;
        const hsa::Picture whole = hsa::attention_picture(factors, sums, request, settings, enough);
        CHECK(whole.missing_rows == 0);
        const hsa::Picture part = hsa::attention_picture(factors, sums, request, settings, over);
        CHECK(part.missing_rows > 128);
        CHECK(part.missing_rows < 256);
        std::size_t missing = 0;
        for (std::size_t r = 0; r < 256; ++r) {
            const bool none = std::isnan(part.mean(r, 0));
            if (none) ++missing;
            for (std::size_t c = 0; c < 256; ++c) {
                if (none) CHECK(std::isnan(part.mean(r, c)));
                else CHECK(part.mean(r, c) == whole.mean(r, c));
            }
        }
        CHECK(missing == part.missing_rows);
        CHECK_FALSE(std::isnan(part.mean(0, 0)));
    }
}

TEST_CASE("sums over tiles say how far they are and end at a stop", "[attention]") {
    const hsa::Factors factors = factors_of(5000);
    std::vector<double> told;
    hsa::Work work;
    work.on_progress = [&](std::string_view step, double fraction) {
        CHECK(step == "summing factors");
        told.push_back(fraction);
    };
    const hsa::TileSums sums = hsa::tile_sums(factors, work);
    REQUIRE(told.size() == 10);  // five chunks of K, as many of P
    CHECK(std::is_sorted(told.begin(), told.end()));
    CHECK(told.back() == 1.0);
    CHECK(sums.k == hsa::tile_sums(factors).k);
    std::stop_source stop;
    stop.request_stop();
    work.stop = stop.get_token();
    CHECK_THROWS_AS(hsa::tile_sums(factors, work), hsa::Cancelled);
}
