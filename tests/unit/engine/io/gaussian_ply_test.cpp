#include "engine/io/gaussian_ply.h"

#include "tests/catch.h"

#include <cmath>
#include <cstring>
#include <vector>

namespace {

constexpr std::size_t kProperties = 17;

// The numbers of a .ply, a splat a row.
std::vector<std::vector<double>> rows_of(const std::string& bytes) {
    const std::string end = "end_header\n";
    const std::size_t begin = bytes.find(end) + end.size();
    std::vector<std::vector<double>> rows((bytes.size() - begin) / (kProperties * sizeof(float)));
    for (std::size_t r = 0; r < rows.size(); ++r)
        for (std::size_t c = 0; c < kProperties; ++c) {
            float value = 0.0F;
            std::memcpy(&value, bytes.data() + begin + (r * kProperties + c) * sizeof(float),
                        sizeof(float));
            rows[r].push_back(static_cast<double>(value));
        }
    return rows;
}

// R diag(exp(2 scale)) R^T of a row, R from its quaternion, as viewers form it: element (a, b).
double covariance_of(const std::vector<double>& row, int a, int b) {
    const double w = row[13], x = row[14], y = row[15], z = row[16];
    const double r[3][3] = {{1 - 2 * (y * y + z * z), 2 * (x * y - w * z), 2 * (x * z + w * y)},
                            {2 * (x * y + w * z), 1 - 2 * (x * x + z * z), 2 * (y * z - w * x)},
                            {2 * (x * z - w * y), 2 * (y * z + w * x), 1 - 2 * (x * x + y * y)}};
    double sum = 0.0;
    for (std::size_t s = 0; s < 3; ++s) sum += r[a][s] * std::exp(2.0 * row[10 + s]) * r[b][s];
    return sum;
}

}  // namespace

TEST_CASE("a .ply has the covariance, colour and opacity of its splats", "[io][ply]") {
    const std::vector<hsa::PlySplat> splats = {
        {{1.0F, -2.0F, 3.0F}, {2.0F, 0.5F, -0.3F, 1.0F, 0.2F, 0.7F}, {1.0F, 0.5F, 0.0F}, 0.25F},
        {{0.0F, 0.0F, 0.0F}, {1e-4F, 0.0F, 0.0F, 1e-4F, 0.0F, 1e-4F}, {0.1F, 0.2F, 0.3F}, 0.5F},
        {{0.0F, 0.0F, 0.0F}, {4.0F, 4.0F, 0.0F, 4.0F, 0.0F, 1.0F}, {0.0F, 0.0F, 0.0F}, 0.9F}};
    const std::string bytes = hsa::write_gaussian_ply(splats);
    CHECK(bytes.starts_with("ply\nformat binary_little_endian 1.0\nelement vertex 3\n"));
    CHECK(bytes.find("property float rot_3\nend_header\n") != std::string::npos);
    const auto rows = rows_of(bytes);
    REQUIRE(rows.size() == 3);
    const int place[6][2] = {{0, 0}, {0, 1}, {0, 2}, {1, 1}, {1, 2}, {2, 2}};
    for (std::size_t s = 0; s < 3; ++s) {
        const auto& row = rows[s];
        double length = 0.0;
        for (std::size_t c = 13; c < 17; ++c) length += row[c] * row[c];
        CHECK(length == Approx(1.0).margin(1e-6));
        const double size = static_cast<double>(splats[s].covariance[0]);
        for (std::size_t e = 0; e < 6; ++e)
            CHECK(covariance_of(row, place[e][0], place[e][1]) ==
                  Approx(static_cast<double>(splats[s].covariance[e])).margin(1e-5 * size));
        for (std::size_t c = 0; c < 3; ++c) {
            CHECK(row[c] == static_cast<double>(splats[s].centre[c]));
            CHECK(0.5 + 0.28209479177387814 * row[6 + c] ==
                  Approx(static_cast<double>(splats[s].colour[c])).margin(1e-6));
        }
        CHECK(1.0 / (1.0 + std::exp(-row[9])) ==
              Approx(static_cast<double>(splats[s].opacity)).margin(1e-6));
    }
}

TEST_CASE("flat splats keep a least extent", "[io][ply]") {
    const std::vector<hsa::PlySplat> flat = {{{}, {1.0F, 0, 0, 0, 0, 0}, {}, 0.0F}, {{}, {}, {}}};
    const auto rows = rows_of(hsa::write_gaussian_ply(flat));
    CHECK(rows[0][12] == Approx(0.0).margin(1e-6));
    CHECK(rows[0][10] == Approx(std::log(1e-4)).margin(1e-5));
    for (const double number : rows[1]) CHECK(std::isfinite(number));
}
