// What the card does with whole rows of factors.
#include "engine/compute/opengl/opengl_card.h"
#include "engine/compute/opengl/row_buffer.h"
#include "engine/core/parallel.h"

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

void OpenGlCard::moments(const OnCard& weight, const OnCard& beside, std::size_t rows, bool goes_on,
                         MatrixView<double> out) {
    // Steps of a thread: a sum of 16 terms is 17.
    constexpr std::size_t kChunksAtOnce = kMostSteps / (kChunkRows / kSide * (kSide + 1) + 1);
    thread_->run([&] {
        on_->totals.reserve(out.rows * out.cols * sizeof(double));
        const GlProgram& program = on_->moments;
        program.use();
        bind_rows(weight, 0);
        bind_rows(beside, 1);
        on_->totals.bind(2);
        program.set("rows", number(rows));
        program.set("numbers", number(out.rows));
        program.set("columns", number(out.cols));
        program.set("chunk", number(kChunkRows));
        program.set("count", number(kChunksAtOnce * kChunkRows));
        for (std::size_t begin = 0; begin < rows; begin += kChunksAtOnce * kChunkRows) {
            program.set("skip", number(begin));
            program.set("known", goes_on || begin > 0 ? 1U : 0U);
            program.run(groups(out.cols, kSide), groups(out.rows, kSide));
        }
        receive(on_->totals, out);
    });
}

}  // namespace hsa
