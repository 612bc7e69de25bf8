#include "engine/core/packed_product.h"

#include "engine/core/random.h"
#include "tests/catch.h"

#include <cmath>
#include <vector>

namespace {

hsa::Matrix<float> random_matrix(std::size_t rows, std::size_t cols, std::uint64_t seed) {
    hsa::Matrix<float> made(rows, cols);
    for (std::size_t e = 0; e < made.size(); ++e)
        made.data()[e] = static_cast<float>(hsa::Random{seed, e}.normal());
    return made;
}

}  // namespace

TEST_CASE("a packed product is the sum in order with fused additions", "[core][products][parity]") {
    struct Shape {
        std::size_t rows, inner, columns;
    };
    for (const Shape& shape :
         {Shape{1, 1, 1}, Shape{7, 5, 3}, Shape{6, 64, 64}, Shape{13, 33, 65}, Shape{2, 7, 130},
          Shape{0, 4, 5}, Shape{5, 0, 9}, Shape{12, 300, 192}}) {
        INFO(shape.rows << " x " << shape.inner << " x " << shape.columns);
        const hsa::Matrix<float> a = random_matrix(shape.rows, shape.inner, 1);
        const hsa::Matrix<float> b = random_matrix(shape.inner, shape.columns, 2);
        const hsa::Matrix<float> bias = random_matrix(1, shape.columns, 3);
        hsa::Matrix<float> out(shape.rows, shape.columns, -7.0F);
        hsa::PackedMatrix packed(shape.inner, shape.columns);
        for (std::size_t c = 0; c < shape.columns; ++c) {
            std::vector<float> column;
            for (std::size_t j = 0; j < shape.inner; ++j) column.push_back(b(j, c));
            packed.put_column(c, column);
        }
        hsa::multiply(a.view(), packed, bias.row(0), out.view());
        hsa::Matrix<float> plain(shape.rows, shape.columns, -7.0F);
        hsa::multiply(a.view(), hsa::PackedMatrix(b.view()), {}, plain.view());
        bool same = true;
        for (std::size_t r = 0; r < shape.rows; ++r)
            for (std::size_t c = 0; c < shape.columns; ++c) {
                float with = bias(0, c);
                float without = 0.0F;
                for (std::size_t j = 0; j < shape.inner; ++j) {
                    with = std::fma(a(r, j), b(j, c), with);
                    without = std::fma(a(r, j), b(j, c), without);
                }
                same = same && out(r, c) == with && plain(r, c) == without;
            }
        CHECK(same);
    }
}

TEST_CASE("rows of a packed product do not depend on how many are asked for together",
          "[core][products][laws]") {
    const hsa::Matrix<float> a = random_matrix(17, 40, 4);
    const hsa::PackedMatrix b(random_matrix(40, 70, 5).view());
    hsa::Matrix<float> together(17, 70);
    hsa::multiply(a.view(), b, {}, together.view());
    hsa::Matrix<float> alone(17, 70);
    for (std::size_t r = 0; r < 17; ++r)
        hsa::multiply(a.view().block(r, r + 1), b, {}, alone.view().block(r, r + 1));
    CHECK(alone == together);
}
