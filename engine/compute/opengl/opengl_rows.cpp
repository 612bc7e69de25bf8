// What the card does with whole rows of factors.
#include "engine/compute/opengl/opengl_card.h"
#include "engine/compute/opengl/row_buffer.h"
#include "engine/core/parallel.h"

#include <vector>

namespace hsa {

std::unique_ptr<OnCard> OpenGlCard::send_sums(MatrixView<const double> before) {
    auto buffer = std::make_unique<RowBuffer>(thread_);
    thread_->run([&] { buffer->fill(before); });
    return buffer;
}

std::unique_ptr<OnCard> OpenGlCard::range_means(const OnCard& rows, const OnCard& before,
                                                std::size_t columns, std::size_t tile,
                                                std::span<const RowRange> ranges,
                                                std::span<const std::uint32_t> chosen) {
    auto made_rows = std::make_unique<RowBuffer>(thread_);
    thread_->run([&] {
        made_rows->reserve(ranges.size() * chosen.size() * sizeof(float));
        on_->shift.write(ranges);
        on_->chosen.write(chosen);
        const GlProgram& program = on_->range_means;
        program.use();
        bind_rows(rows, 0);
        bind_rows(before, 1);
        on_->shift.bind(2);
        on_->chosen.bind(3);
        made_rows->bind(4);
        program.set("columns", number(columns));
        program.set("tile", number(tile));
        program.set("width", number(chosen.size()));
        program.run(groups(chosen.size(), kLane), ranges.size());
    });
    return made_rows;
}

void OpenGlCard::sum_terms(std::size_t terms, bool goes_on, GlBuffer& totals,
                           MatrixView<double> out) const {
    // Steps of a thread: a sum of 16 terms is 17.
    constexpr std::size_t kChunksAtOnce = kMostSteps / (kChunkRows / kSide * (kSide + 1) + 1);
    totals.reserve(out.rows * out.cols * sizeof(double));
    totals.bind(2);
    const GlProgram& program = on_->moments;
    program.use();
    program.set("rows", number(terms));
    program.set("numbers", number(out.rows));
    program.set("columns", number(out.cols));
    program.set("chunk", number(kChunkRows));
    program.set("count", number(kChunksAtOnce * kChunkRows));
    for (std::size_t begin = 0; begin < terms; begin += kChunksAtOnce * kChunkRows) {
        program.set("skip", number(begin));
        program.set("known", goes_on || begin > 0 ? 1U : 0U);
        program.run(groups(out.cols, kSide), groups(out.rows, kSide));
    }
    receive(totals, out);
}

void OpenGlCard::moments(const OnCard& weight, const OnCard& beside, std::size_t rows, bool goes_on,
                         MatrixView<double> out) {
    thread_->run([&] {
        bind_rows(weight, 0);
        bind_rows(beside, 1);
        sum_terms(rows, goes_on, on_->totals, out);
    });
}

void OpenGlCard::kernel_to_keys(std::size_t rows, std::span<const float> log_mass) {
    thread_->run([&] {
        on_->shift.write(log_mass);
        const GlProgram& program = on_->keys;
        program.use();
        on_->ell.bind(0);
        on_->shift.bind(1);
        program.set("rows", number(rows));
        program.set("splats", number(log_mass.size()));
        program.run(groups(log_mass.size(), kSide), groups(rows, kSide));
    });
}

void OpenGlCard::compare(const CardComparison& of) {
    const std::size_t blocks = groups(of.columns, kSide);
    Matrix<float> parts(of.rows, blocks);
    const auto bind_keys = [&](std::uint32_t binding) {
        if (of.keys != nullptr) bind_rows(*of.keys, binding);
        else on_->ell.bind(binding);
    };
    const std::vector<std::uint32_t> seen(of.seen.begin(), of.seen.end());
    thread_->run([&] {
        on_->shift.write(of.background);
        on_->chosen.write(std::span<const std::uint32_t>(seen));
        on_->ratio.reserve(of.rows * of.columns * sizeof(float));
        on_->sums.reserve(of.rows * blocks * sizeof(float));
        const GlProgram& program = on_->ratios;
        program.use();
        bind_rows(*of.weight, 0);
        bind_keys(1);
        bind_rows(*of.target, 2);
        on_->shift.bind(3);
        on_->chosen.bind(4);
        on_->ratio.bind(5);
        on_->sums.bind(6);
        program.set("rows", number(of.rows));
        program.set("columns", number(of.columns));
        program.set("splats", number(of.splats));
        program.set("has_background", of.background.empty() ? 0U : 1U);
        program.set("has_seen", seen.empty() ? 0U : 1U);
        program.set("times_log", of.times_log ? 1U : 0U);
        program.run(groups(of.rows, kSide), blocks);
        receive(on_->sums, parts.view());
        if (!of.product.empty()) {
            on_->ratio.bind(0);
            bind_keys(1);
            sum_terms(of.columns, of.goes_on, on_->products, of.product);
        }
        if (of.share == nullptr) return;
        on_->slopes.reserve(of.columns * of.splats * sizeof(float));
        const GlProgram& slopes = on_->key_slopes;
        slopes.use();
        on_->ratio.bind(0);
        bind_rows(*of.share, 1);
        bind_keys(2);
        on_->chosen.bind(3);
        on_->slopes.bind(4);
        slopes.set("rows", number(of.rows));
        slopes.set("columns", number(of.columns));
        slopes.set("splats", number(of.splats));
        slopes.set("has_seen", seen.empty() ? 0U : 1U);
        slopes.run(groups(of.splats, kSide), groups(of.columns, kSide));
        on_->slopes.bind(0);
        bind_rows(*of.beside, 1);
        sum_terms(of.columns, of.goes_on, on_->totals, of.moments);
    });
    for (std::size_t i = 0; i < of.rows; ++i)
        for (const float part : parts.row(i)) of.divergence[i] += static_cast<double>(part);
}

}  // namespace hsa
