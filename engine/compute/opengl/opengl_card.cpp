#include "engine/compute/opengl/opengl_card.h"

#include "engine/core/parallel.h"

#include <epoxy/gl.h>

#include <algorithm>
#include <string>

namespace hsa {
namespace {

constexpr std::size_t kSide = 16;         // of a group of two dimensions
constexpr std::size_t kLane = 64;         // of one of one
constexpr std::size_t kMostRows = 32768;  // a shader may have 65,535 groups a direction
constexpr std::uint64_t kUsualBlock = std::uint64_t{1} << 28U;

std::size_t groups(std::size_t count, std::size_t size) { return (count + size - 1) / size; }

std::uint32_t number(std::size_t value) { return static_cast<std::uint32_t>(value); }

GlProgram made(const OpenGlOptions& options, const std::string& name) {
    return GlProgram(name, options.read_shader("formulas.glsl") + options.read_shader(name));
}

// A matrix as its rows one after the other.
void send(MatrixView<const float> from, GlBuffer& to) {
    to.reserve(from.rows * from.cols * sizeof(float));
    if (from.stride == from.cols) {
        to.write(from.rows == 0 ? nullptr : from.row(0).data(),
                 from.rows * from.cols * sizeof(float));
        return;
    }
    for (std::size_t r = 0; r < from.rows; ++r)
        to.write(from.row(r).data(), from.cols * sizeof(float), r * from.cols * sizeof(float));
}

template <class Number>
void receive(const GlBuffer& from, MatrixView<Number> to) {
    if (to.stride == to.cols) {
        if (to.rows > 0) from.read(to.row(0).data(), to.rows * to.cols * sizeof(Number));
        return;
    }
    Matrix<Number> rows(to.rows, to.cols);
    from.read(rows.data(), rows.size() * sizeof(Number));
    for (std::size_t r = 0; r < to.rows; ++r)
        std::copy_n(rows.row(r).begin(), to.cols, to.row(r).begin());
}

// Kilobytes as two makers tell them.
std::uint64_t memory_of_card() {
    constexpr GLenum kTotalNvidia = 0x9048;
    constexpr GLenum kFreeAmd = 0x87FC;
    GLint kilobytes[4] = {0, 0, 0, 0};
    if (epoxy_has_gl_extension("GL_NVX_gpu_memory_info")) glGetIntegerv(kTotalNvidia, kilobytes);
    else if (epoxy_has_gl_extension("GL_ATI_meminfo")) glGetIntegerv(kFreeAmd, kilobytes);
    return static_cast<std::uint64_t>(std::max(kilobytes[0], 0)) << 10U;
}

}  // namespace

OpenGlCard::OpenGlCard(const OpenGlOptions& options)
    : log_kernel_(made(options, "log_kernel.comp")),
      log_kernel_mixed_(made(options, "log_kernel_mixed.comp")),
      exponentials_(made(options, "tile_exponentials.comp")),
      softmax_(made(options, "softmax_rows.comp")),
      product_(made(options, "product.comp")),
      memory_(memory_of_card()),
      block_bytes_(kUsualBlock) {
    if (memory_ > 0) block_bytes_ = std::min(block_bytes_, memory_ / 4);
    if (options.most_bytes > 0) block_bytes_ = options.most_bytes;
}

std::size_t OpenGlCard::rows_at_once(std::size_t columns) const {
    const std::uint64_t row = std::max<std::size_t>(columns, 1) * sizeof(float);
    const auto fits = static_cast<std::size_t>(block_bytes_ / row / kChunkRows) * kChunkRows;
    return std::clamp(fits, kChunkRows, kMostRows);
}

void OpenGlCard::log_kernel(const OpenGlSplats& splats, MatrixView<const float> x,
                            std::size_t stride, std::size_t first, std::span<const float> shift) {
    send(x, x_);
    ell_.reserve(x.rows * stride * sizeof(float));
    shift_.write(shift);
    x_.bind(0);
    splats.bind_buffers();
    run_log_kernel(splats.mixed() ? log_kernel_mixed_ : log_kernel_, x.rows, splats.splats(),
                   splats.dimension(), stride, first, !shift.empty());
}

void OpenGlCard::run_log_kernel(const GlProgram& program, std::size_t rows, std::size_t splats,
                                std::size_t dimension, std::size_t stride, std::size_t first,
                                bool shifted) {
    program.use();
    shift_.bind(3);
    ell_.bind(4);
    program.set("rows", number(rows));
    program.set("splats", number(splats));
    program.set("dimension", number(dimension));
    program.set("stride", number(stride));
    program.set("first", number(first));
    program.set("shifted", shifted ? 1U : 0U);
    program.run(groups(splats, kSide), groups(rows, kSide));
}

void OpenGlCard::fill_kernel(std::size_t rows, std::size_t stride, std::size_t first, float logit) {
    // A splat of no dimension: nothing is far from it.
    ell_.reserve(rows * stride * sizeof(float));
    shift_.write(std::span<const float>(&logit, 1));
    run_log_kernel(log_kernel_, rows, 1, 0, stride, first, true);
}

void OpenGlCard::exponentials(std::size_t rows, std::size_t k,
                              std::span<const float> log_row_weight, std::size_t tile,
                              bool as_shares, MatrixView<float> most, MatrixView<double> sums) {
    const std::size_t tiles = groups(rows, tile);
    weight_.write(log_row_weight);
    most_.reserve(tiles * k * sizeof(float));
    sums_.reserve(tiles * k * sizeof(double));
    exponentials_.use();
    ell_.bind(0);
    weight_.bind(1);
    most_.bind(2);
    sums_.bind(3);
    exponentials_.set("rows", number(rows));
    exponentials_.set("splats", number(k));
    exponentials_.set("tile", number(tile));
    exponentials_.set("weighed", log_row_weight.empty() ? 0U : 1U);
    exponentials_.set("as_shares", as_shares ? 1U : 0U);
    exponentials_.run(groups(k, kLane), tiles);
    receive(most_, most);
    receive(sums_, sums);
}

std::vector<std::uint32_t> OpenGlCard::softmax(std::size_t rows, std::size_t columns) {
    far_.reserve(rows * sizeof(std::uint32_t));
    softmax_.use();
    ell_.bind(0);
    far_.bind(1);
    softmax_.set("rows", number(rows));
    softmax_.set("columns", number(columns));
    softmax_.set("far_logit", kFarLogit);
    softmax_.run(1, rows);
    std::vector<std::uint32_t> flags(rows);
    far_.read(flags.data(), rows * sizeof(std::uint32_t));
    std::vector<std::uint32_t> far;
    for (std::size_t i = 0; i < rows; ++i)
        if (flags[i] != 0U) far.push_back(number(i));
    return far;
}

void OpenGlCard::multiply(std::size_t rows, std::size_t k, MatrixView<const float> b,
                          MatrixView<float> out) {
    send(b, right_);
    product_out_.reserve(rows * b.cols * sizeof(float));
    product_.use();
    ell_.bind(0);
    right_.bind(1);
    product_out_.bind(2);
    product_.set("rows", number(rows));
    product_.set("inner", number(k));
    product_.set("columns", number(b.cols));
    product_.set("stride", number(k));
    product_.set("by_chunk", 0U);
    product_.set("row_groups", 1U);
    product_.run(groups(b.cols, kSide), groups(rows, kSide));
    receive(product_out_, out);
}

void OpenGlCard::multiply_chunks(std::size_t rows, std::size_t k, MatrixView<const float> b,
                                 MatrixView<float> out) {
    const std::size_t chunks = groups(rows, kChunkRows);
    const std::size_t row_groups = groups(k, kSide);
    send(b, right_);
    product_out_.reserve(chunks * k * b.cols * sizeof(float));
    product_.use();
    ell_.bind(0);
    right_.bind(1);
    product_out_.bind(2);
    product_.set("rows", number(k));
    product_.set("inner", number(rows));
    product_.set("columns", number(b.cols));
    product_.set("stride", number(k));
    product_.set("by_chunk", number(kChunkRows));
    product_.set("row_groups", number(row_groups));
    product_.run(groups(b.cols, kSide), chunks * row_groups);
    receive(product_out_, out);
}

void OpenGlCard::read_kernel(std::size_t rows, std::size_t k, MatrixView<float> out) const {
    if (out.rows != rows || out.cols != k) return;
    receive(ell_, out);
}

}  // namespace hsa
