#include "engine/compute/opengl/opengl_card.h"

#include "engine/compute/opengl/row_buffer.h"
#include "engine/core/error.h"
#include "engine/core/parallel.h"

#include <epoxy/gl.h>

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>

namespace hsa {
namespace {

constexpr std::uint64_t kUsualBlock = std::uint64_t{1} << 28U;

GlProgram made(const OpenGlOptions& options, const std::string& name,
               const std::string& before = {}) {
    return {name, options.read_shader("formulas.glsl") +
                      (before.empty() ? before : options.read_shader(before)) +
                      options.read_shader(name)};
}

// CardForms in buffers, freed on the context's thread.
class Buffers : public OnCard {
  public:
    explicit Buffers(std::shared_ptr<GlThread> thread) : thread_(std::move(thread)) {}
    ~Buffers() override {
        thread_->run([this] { held_.reset(); });
    }
    Buffers(const Buffers&) = delete;
    Buffers& operator=(const Buffers&) = delete;

    // Both on the context's thread.
    void fill(const CardForms& forms) {
        held_ = std::make_unique<Held>();
        held_->centres.write(std::span<const float>(forms.centre));
        if (!forms.mixed) {
            held_->forms.write(std::span<const float>(forms.rate));
            return;
        }
        held_->forms.write(std::span<const double>(forms.form));
        held_->halves.write(std::span<const double>(forms.half));
        const std::size_t bytes = forms.place.size() * sizeof(forms.place[0]);
        held_->places.reserve(bytes);
        held_->places.write(forms.place.data(), bytes);
    }
    void bind(bool mixed) const {
        held_->centres.bind(1);
        held_->forms.bind(2);
        if (!mixed) return;
        held_->places.bind(5);
        held_->halves.bind(6);
    }

  private:
    struct Held {
        GlBuffer centres;
        GlBuffer forms;   // rates, or the forms of kernel_tile_mixed.glsl
        GlBuffer places;  // mixed
        GlBuffer halves;  // mixed
    };
    std::shared_ptr<GlThread> thread_;
    std::unique_ptr<Held> held_;
};

// Of one log kernel.
std::size_t steps_of(const CardForms& forms) {
    if (!forms.mixed) return groups(forms.dimension, kSide) * (kSide + 1);
    std::size_t full = 0;
    std::size_t others = 0;
    for (const auto& place : forms.place) {
        const std::size_t d = forms.dimension;
        if (place[1] != 0U) full = d * (d + 3) / 2;
        else others = std::max(others, d + place[2] * (d + 1));
    }
    return full + others;  // threads of both kinds go together
}

// Terms of online_means.comp that one dispatch may go through.
std::size_t terms_at_once(const CardForms* forms) {
    constexpr std::size_t kSums = 8 * kSide;  // steps with the values of so many terms
    const std::size_t steps = kSums + (forms == nullptr ? 0 : steps_of(*forms));
    return std::max<std::size_t>(1, kMostSteps / steps) * kSide;
}

// Kilobytes as two makers tell them.
CardMemory memory_of_card() {
    constexpr GLenum kTotalNvidia = 0x9048;
    constexpr GLenum kFreeNvidia = 0x9049;
    constexpr GLenum kFreeAmd = 0x87FB;  // for buffers
    const auto bytes_of = [](GLenum name) {
        GLint kilobytes[4] = {0, 0, 0, 0};
        glGetIntegerv(name, kilobytes);
        return static_cast<std::uint64_t>(std::max(kilobytes[0], 0)) << 10U;
    };
    if (epoxy_has_gl_extension("GL_NVX_gpu_memory_info"))
        return {bytes_of(kTotalNvidia), bytes_of(kFreeNvidia)};
    if (epoxy_has_gl_extension("GL_ATI_meminfo")) return {0, bytes_of(kFreeAmd)};
    return {};
}

}  // namespace

OpenGlCard::KernelPrograms::KernelPrograms(const OpenGlOptions& options, const std::string& name)
    : straight(made(options, name, "kernel_tile.glsl")),
      mixed(made(options, name, "kernel_tile_mixed.glsl")) {}

OpenGlCard::Objects::Objects(const OpenGlOptions& options)
    : log_kernel(options, "log_kernel.comp"),
      online_means(options, "online_means.comp"),
      exponentials(made(options, "tile_exponentials.comp")),
      join_means(made(options, "join_means.comp")),
      best(made(options, "best.comp")),
      cells(made(options, "cells.comp")),
      range_means(made(options, "range_means.comp")),
      moments(made(options, "moments.comp")),
      ratios(made(options, "ratios.comp")),
      keys(made(options, "keys.comp")),
      key_slopes(made(options, "key_slopes.comp")) {}

OpenGlCard::OpenGlCard(std::shared_ptr<GlThread> thread, const OpenGlOptions& options)
    : thread_(std::move(thread)), block_bytes_(kUsualBlock) {
    GLint64 most = 0;
    thread_->run([&] {
        on_ = std::make_unique<Objects>(options);
        // What a shader may see of one buffer.
        glGetInteger64v(GL_MAX_SHADER_STORAGE_BLOCK_SIZE, &most);
    });
    buffer_bytes_ = most > 0 ? static_cast<std::uint64_t>(most) : kUsualBlock;
    if (most > 0) block_bytes_ = std::min(block_bytes_, static_cast<std::uint64_t>(most));
    if (options.most_bytes > 0) block_bytes_ = options.most_bytes;
}

OpenGlCard::~OpenGlCard() {
    thread_->run([this] { on_.reset(); });
}

std::array<GlBuffer*, 13> OpenGlCard::Objects::blocks() {
    return {&ell,    &kept,   &shift,  &most,  &sums,     &right, &state,
            &result, &chosen, &totals, &ratio, &products, &slopes};
}

CardMemory OpenGlCard::memory() const {
    CardMemory now;
    thread_->run([&] {
        now = memory_of_card();
        if (!now.known()) return;
        for (const GlBuffer* block : on_->blocks()) now.free += block->bytes();
    });
    return now;
}

void OpenGlCard::drop_blocks() {
    thread_->run([this] {
        for (GlBuffer* block : on_->blocks()) *block = GlBuffer();
    });
}

std::unique_ptr<OnCard> OpenGlCard::send(const CardForms& forms) {
    if (const std::size_t steps = steps_of(forms); thread_->software() && steps > kMostSteps)
        fail("{} stops a loop before {} steps, which these covariances of {} axes need",
             thread_->renderer(), steps, forms.dimension);
    auto buffers = std::make_unique<Buffers>(thread_);
    thread_->run([&] { buffers->fill(forms); });
    return buffers;
}

std::unique_ptr<OnCard> OpenGlCard::send_rows(MatrixView<const float> rows) {
    auto buffer = std::make_unique<RowBuffer>(thread_);
    thread_->run([&] { buffer->fill(rows); });
    return buffer;
}

const GlProgram& OpenGlCard::begin(const KernelPrograms& programs, const CardForms* forms,
                                   const OnCard* splats, const OnCard* x, std::size_t rows) const {
    const bool mixed = forms != nullptr && forms->mixed;
    const GlProgram& program = mixed ? programs.mixed : programs.straight;
    program.use();
    if (forms != nullptr) {
        bind_rows(*x, 0);
        dynamic_cast<const Buffers&>(*splats).bind(mixed);
    } else {
        // A splat of no dimension: nothing is far from it, and nothing of these is read.
        for (const std::uint32_t binding : {0U, 1U, 2U}) on_->shift.bind(binding);
    }
    program.set("rows", number(rows));
    program.set("splats", forms != nullptr ? number(forms->splats) : 1U);
    program.set("dimension", forms != nullptr ? number(forms->dimension) : 0U);
    return program;
}

std::size_t OpenGlCard::go_through(const GlProgram& program, const MeansState& state,
                                   const CardForms* forms, std::size_t terms, std::size_t pair,
                                   bool known, std::size_t groups_x, std::size_t groups_y) {
    const std::size_t some = terms_at_once(forms);
    program.set("count", number(some));
    for (std::size_t begin = 0; begin < terms; begin += some) {
        program.set("skip", number(begin));
        program.set("known", known || begin > 0 ? 1U : 0U);
        program.set("from_at", number(state.sums_at(pair)));
        program.set("to_at", number(state.sums_at(1 - pair)));
        program.run(groups_x, groups_y);
        pair = 1 - pair;
    }
    return pair;
}

void OpenGlCard::log_kernel(const CardForms& forms, const OnCard& splats, const OnCard& x,
                            std::size_t rows, std::size_t stride, std::size_t first) {
    thread_->run([&] {
        on_->ell.reserve(rows * stride * sizeof(float));
        const GlProgram& program = begin(on_->log_kernel, &forms, &splats, &x, rows);
        on_->ell.bind(4);
        program.set("stride", number(stride));
        program.set("first", number(first));
        program.run(groups(forms.splats, kSide), groups(rows, kSide));
    });
}

void OpenGlCard::exponentials(std::size_t rows, std::size_t k,
                              std::span<const float> log_row_weight, MatrixView<float> most,
                              MatrixView<double> sums) {
    thread_->run([&] {
        const std::size_t tiles = groups(rows, kKernelTile);
        on_->shift.write(log_row_weight);
        on_->most.reserve(tiles * k * sizeof(float));
        on_->sums.reserve(tiles * k * sizeof(double));
        const GlProgram& program = on_->exponentials;
        program.use();
        on_->ell.bind(0);
        on_->shift.bind(1);
        on_->most.bind(2);
        on_->sums.bind(3);
        program.set("rows", number(rows));
        program.set("splats", number(k));
        program.set("tile", number(kKernelTile));
        program.set("weighed", log_row_weight.empty() ? 0U : 1U);
        program.run(groups(k, kLane), tiles);
        receive(on_->most, most);
        receive(on_->sums, sums);
    });
}

void OpenGlCard::keep_kernel() {
    thread_->run([&] { std::swap(on_->ell, on_->kept); });
}

void OpenGlCard::read_kept(std::size_t rows, std::size_t k, MatrixView<float> out) {
    if (out.rows != rows || out.cols != k)
        fault("{} x {} log kernels into {} x {}", rows, k, out.rows, out.cols);
    thread_->run([&] { receive(on_->kept, out); });
}

void OpenGlCard::best(std::span<const float> shift, const BestColumns& out) {
    const std::size_t rows = out.column.rows;
    const std::size_t wanted = out.column.cols;
    Matrix<float> totals(out.log_total.size(), 2);
    thread_->run([&] {
        on_->shift.write(shift);
        on_->chosen.reserve(rows * wanted * sizeof(std::uint32_t));
        on_->result.reserve(rows * wanted * sizeof(float));
        on_->sums.reserve(totals.size() * sizeof(float));
        const GlProgram& program = on_->best;
        program.use();
        on_->ell.bind(0);
        on_->shift.bind(1);
        on_->chosen.bind(2);
        on_->result.bind(3);
        on_->sums.bind(4);
        program.set("columns", number(shift.size()));
        program.set("wanted", number(wanted));
        program.set("totals", totals.empty() ? 0U : 1U);
        program.run(1, rows);
        receive(on_->chosen, out.column);
        receive(on_->result, out.log_kernel);
        if (!totals.empty()) receive(on_->sums, totals.view());
    });
    for (std::size_t i = 0; i < totals.rows(); ++i)
        out.log_total[i] =
            static_cast<double>(totals(i, 0)) + std::log(static_cast<double>(totals(i, 1)));
}

void OpenGlCard::key_means(const CardForms& forms, const OnCard& splats, const OnCard& x,
                           std::span<const float> log_row_weight, const OnCard& values,
                           std::size_t columns, std::size_t rows, std::size_t first,
                           std::size_t chunks) {
    thread_->run([&] {
        const MeansState state{chunks, forms.splats, columns};
        on_->state.reserve(state.sums_at(2) * sizeof(float));
        on_->shift.write(log_row_weight);
        const GlProgram& program = begin(on_->online_means, &forms, &splats, &x, rows);
        const std::size_t column_groups = std::max<std::size_t>(1, groups(columns, kLane));
        on_->shift.bind(3);
        bind_rows(values, 4);
        on_->state.bind(7);
        program.set("of_keys", 1U);
        program.set("added", log_row_weight.empty() ? 0U : 1U);
        program.set("chunk", number(kChunkRows));
        program.set("first_chunk", number(first));
        program.set("chunks", number(chunks));
        program.set("columns", number(columns));
        program.set("column_groups", number(column_groups));
        program.set("value_at", 0U);
        // The first pair is written last, whatever their number.
        const std::size_t pair = groups(kChunkRows, terms_at_once(&forms)) % 2;
        go_through(program, state, &forms, kChunkRows, pair, false, groups(forms.splats, kSide),
                   groups(rows, kChunkRows) * column_groups);
    });
}

void OpenGlCard::joined_means(std::size_t chunks, const CardMeans& out) {
    thread_->run([&] {
        const std::size_t k = out.most.size();
        const MeansState state{chunks, k, out.means.cols};
        on_->most.reserve(k * sizeof(float));
        on_->sums.reserve(k * sizeof(double));
        on_->result.reserve(k * state.columns * sizeof(float));
        const GlProgram& program = on_->join_means;
        program.use();
        on_->state.bind(0);
        on_->most.bind(1);
        on_->sums.bind(2);
        on_->result.bind(3);
        program.set("chunks", number(chunks));
        program.set("numbers", number(k));
        program.set("columns", number(state.columns));
        program.set("most_at", number(state.sums_at(0)));
        program.run(std::max<std::size_t>(1, groups(state.columns, 16)), groups(k, 4));
        receive(on_->most, MatrixView<float>(out.most.data(), 1, k));
        receive(on_->sums, MatrixView<double>(out.sum.data(), 1, k));
        receive(on_->result, out.means);
    });
}

std::vector<std::uint32_t> OpenGlCard::query_means(std::span<const CardQueries> parts,
                                                   MatrixView<const float> means,
                                                   MatrixView<float> out) {
    std::vector<float> most(out.rows);
    thread_->run([&] {
        const MeansState state{1, out.rows, out.cols};
        on_->state.reserve(state.sums_at(2) * sizeof(float));
        write_rows(means, on_->right);
        const std::size_t column_groups = std::max<std::size_t>(1, groups(out.cols, kLane));
        std::size_t first = 0;
        std::size_t from = 0;  // the pair of largest logits and sums that was written last
        bool known = false;
        for (const CardQueries& part : parts) {
            if (part.shift.empty()) continue;
            on_->shift.write(part.shift);
            const GlProgram& program =
                begin(on_->online_means, part.forms, part.splats, part.x, out.rows);
            on_->shift.bind(3);
            on_->right.bind(4);
            on_->state.bind(7);
            program.set("of_keys", 0U);
            program.set("added", 1U);
            program.set("chunk", number(part.shift.size()));
            program.set("first_chunk", 0U);
            program.set("chunks", 1U);
            program.set("columns", number(out.cols));
            program.set("column_groups", number(column_groups));
            program.set("value_at", number(first * out.cols));
            from = go_through(program, state, part.forms, part.shift.size(), from, known,
                              groups(out.rows, kSide), column_groups);
            first += part.shift.size();
            known = true;
        }
        receive(on_->state, out);
        on_->state.read(most.data(), most.size() * sizeof(float),
                        state.sums_at(from) * sizeof(float));
    });
    std::vector<std::uint32_t> far;
    for (std::size_t i = 0; i < most.size(); ++i)
        if (!(most[i] >= kFarLogit)) far.push_back(number(i));
    return far;
}

void OpenGlCard::cells(const OnCard& p, const OnCard& k, std::size_t columns,
                       MatrixView<float> out) {
    thread_->run([&] {
        on_->result.reserve(out.rows * out.cols * sizeof(float));
        const GlProgram& program = on_->cells;
        program.use();
        bind_rows(p, 0);
        bind_rows(k, 1);
        on_->result.bind(2);
        program.set("rows", number(out.rows));
        program.set("keys", number(out.cols));
        program.set("columns", number(columns));
        program.run(groups(out.cols, kSide), groups(out.rows, kSide));
        receive(on_->result, out);
    });
}

}  // namespace hsa
