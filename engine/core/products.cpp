#include "engine/core/products.h"

#include "engine/core/error.h"

#include <Eigen/Core>

namespace hsa {
namespace {

template <class T>
using RowMajor = Eigen::Matrix<T, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
template <class T>
using ConstMap = Eigen::Map<const RowMajor<T>, 0, Eigen::OuterStride<>>;
template <class T>
using WriteMap = Eigen::Map<RowMajor<T>, 0, Eigen::OuterStride<>>;

template <class T>
ConstMap<T> map(MatrixView<const T> m) {
    return {m.data, static_cast<Eigen::Index>(m.rows), static_cast<Eigen::Index>(m.cols),
            Eigen::OuterStride<>(static_cast<Eigen::Index>(m.stride))};
}
template <class T>
WriteMap<T> map(MatrixView<T> m) {
    return {m.data, static_cast<Eigen::Index>(m.rows), static_cast<Eigen::Index>(m.cols),
            Eigen::OuterStride<>(static_cast<Eigen::Index>(m.stride))};
}

void check(bool fits, const char* what) {
    if (!fits) fault("the shapes of a product do not fit ({})", what);
}

template <class T>
void product(MatrixView<const T> a, MatrixView<const T> b, MatrixView<T> out) {
    check(a.cols == b.rows && out.rows == a.rows && out.cols == b.cols, "a b");
    if (out.empty()) return;
    map(out).noalias() = map(a) * map(b);
}
template <class T>
void product_bt(MatrixView<const T> a, MatrixView<const T> b, MatrixView<T> out) {
    check(a.cols == b.cols && out.rows == a.rows && out.cols == b.rows, "a b^T");
    if (out.empty()) return;
    map(out).noalias() = map(a) * map(b).transpose();
}
template <class T>
void product_at(MatrixView<const T> a, MatrixView<const T> b, MatrixView<T> out) {
    check(a.rows == b.rows && out.rows == a.cols && out.cols == b.cols, "a^T b");
    if (out.empty()) return;
    map(out).noalias() = map(a).transpose() * map(b);
}

}  // namespace

void multiply(MatrixView<const float> a, MatrixView<const float> b, MatrixView<float> out) {
    product(a, b, out);
}
void multiply_transposed(MatrixView<const float> a, MatrixView<const float> b,
                         MatrixView<float> out) {
    product_bt(a, b, out);
}
void transposed_multiply(MatrixView<const float> a, MatrixView<const float> b,
                         MatrixView<float> out) {
    product_at(a, b, out);
}
void multiply(MatrixView<const double> a, MatrixView<const double> b, MatrixView<double> out) {
    product(a, b, out);
}
void multiply_transposed(MatrixView<const double> a, MatrixView<const double> b,
                         MatrixView<double> out) {
    product_bt(a, b, out);
}
void transposed_multiply(MatrixView<const double> a, MatrixView<const double> b,
                         MatrixView<double> out) {
    product_at(a, b, out);
}

}  // namespace hsa
