#include "engine/compute/opengl/opengl_card.h"

#include "engine/core/error.h"
#include "engine/core/parallel.h"

#include <epoxy/gl.h>

#include <algorithm>
#include <string>
#include <utility>

namespace hsa {
namespace {

constexpr std::size_t kSide = 16;  // of a group of two dimensions
constexpr std::size_t kLane = 64;  // of one of one
constexpr std::uint64_t kUsualBlock = std::uint64_t{1} << 28U;

std::size_t groups(std::size_t count, std::size_t size) { return (count + size - 1) / size; }

std::uint32_t number(std::size_t value) { return static_cast<std::uint32_t>(value); }

GlProgram made(const OpenGlOptions& options, const std::string& name) {
    return {name, options.read_shader("formulas.glsl") + options.read_shader(name)};
}

// A matrix as its rows one after the other.
void send_rows(MatrixView<const float> from, GlBuffer& to) {
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
        GlBuffer forms;   // rates, or the forms of log_kernel_mixed.comp
        GlBuffer places;  // mixed
        GlBuffer halves;  // mixed
    };
    std::shared_ptr<GlThread> thread_;
    std::unique_ptr<Held> held_;
};

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

OpenGlCard::Objects::Objects(const OpenGlOptions& options)
    : log_kernel(made(options, "log_kernel.comp")),
      log_kernel_mixed(made(options, "log_kernel_mixed.comp")),
      exponentials(made(options, "tile_exponentials.comp")),
      softmax(made(options, "softmax_rows.comp")),
      product(made(options, "product.comp")) {}

OpenGlCard::OpenGlCard(std::shared_ptr<GlThread> thread, const OpenGlOptions& options)
    : thread_(std::move(thread)), block_bytes_(kUsualBlock) {
    GLint64 most = 0;
    thread_->run([&] {
        on_ = std::make_unique<Objects>(options);
        // What a shader may see of one buffer.
        glGetInteger64v(GL_MAX_SHADER_STORAGE_BLOCK_SIZE, &most);
    });
    if (most > 0) block_bytes_ = std::min(block_bytes_, static_cast<std::uint64_t>(most));
    if (options.most_bytes > 0) block_bytes_ = options.most_bytes;
}

OpenGlCard::~OpenGlCard() {
    thread_->run([this] { on_.reset(); });
}

std::array<GlBuffer*, 9> OpenGlCard::Objects::blocks() {
    return {&x, &ell, &shift, &weight, &most, &sums, &right, &result, &far};
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
    auto buffers = std::make_unique<Buffers>(thread_);
    thread_->run([&] { buffers->fill(forms); });
    return buffers;
}

void OpenGlCard::log_kernel(const CardForms& forms, const OnCard& splats, MatrixView<const float> x,
                            std::size_t stride, std::size_t first, std::span<const float> shift) {
    thread_->run([&] {
        send_rows(x, on_->x);
        on_->ell.reserve(x.rows * stride * sizeof(float));
        on_->shift.write(shift);
        on_->x.bind(0);
        dynamic_cast<const Buffers&>(splats).bind(forms.mixed);
        run_log_kernel(forms.mixed ? on_->log_kernel_mixed : on_->log_kernel, x.rows, forms.splats,
                       forms.dimension, stride, first, !shift.empty());
    });
}

void OpenGlCard::fill_kernel(std::size_t rows, std::size_t stride, std::size_t first, float logit) {
    thread_->run([&] {
        // A splat of no dimension: nothing is far from it.
        on_->ell.reserve(rows * stride * sizeof(float));
        on_->shift.write(std::span<const float>(&logit, 1));
        run_log_kernel(on_->log_kernel, rows, 1, 0, stride, first, true);
    });
}

void OpenGlCard::run_log_kernel(const GlProgram& program, std::size_t rows, std::size_t splats,
                                std::size_t dimension, std::size_t stride, std::size_t first,
                                bool shifted) {
    program.use();
    on_->shift.bind(3);
    on_->ell.bind(4);
    program.set("rows", number(rows));
    program.set("splats", number(splats));
    program.set("dimension", number(dimension));
    program.set("stride", number(stride));
    program.set("first", number(first));
    program.set("shifted", shifted ? 1U : 0U);
    program.run(groups(splats, kSide), groups(rows, kSide));
}

void OpenGlCard::exponentials(std::size_t rows, std::size_t k,
                              std::span<const float> log_row_weight, std::size_t tile,
                              bool as_shares, MatrixView<float> most, MatrixView<double> sums) {
    thread_->run([&] {
        const std::size_t tiles = groups(rows, tile);
        on_->weight.write(log_row_weight);
        on_->most.reserve(tiles * k * sizeof(float));
        on_->sums.reserve(tiles * k * sizeof(double));
        const GlProgram& program = on_->exponentials;
        program.use();
        on_->ell.bind(0);
        on_->weight.bind(1);
        on_->most.bind(2);
        on_->sums.bind(3);
        program.set("rows", number(rows));
        program.set("splats", number(k));
        program.set("tile", number(tile));
        program.set("weighed", log_row_weight.empty() ? 0U : 1U);
        program.set("as_shares", as_shares ? 1U : 0U);
        program.run(groups(k, kLane), tiles);
        receive(on_->most, most);
        receive(on_->sums, sums);
    });
}

std::vector<std::uint32_t> OpenGlCard::softmax(std::size_t rows, std::size_t columns) {
    std::vector<std::uint32_t> flags(rows);
    thread_->run([&] {
        on_->far.reserve(rows * sizeof(std::uint32_t));
        const GlProgram& program = on_->softmax;
        program.use();
        on_->ell.bind(0);
        on_->far.bind(1);
        program.set("rows", number(rows));
        program.set("columns", number(columns));
        program.set("far_logit", kFarLogit);
        program.run(1, rows);
        on_->far.read(flags.data(), rows * sizeof(std::uint32_t));
    });
    return indices_of(flags);
}

void OpenGlCard::multiply(std::size_t rows, std::size_t k, MatrixView<const float> b,
                          MatrixView<float> out) {
    thread_->run([&] {
        send_rows(b, on_->right);
        on_->result.reserve(rows * b.cols * sizeof(float));
        const GlProgram& program = on_->product;
        program.use();
        on_->ell.bind(0);
        on_->right.bind(1);
        on_->result.bind(2);
        program.set("rows", number(rows));
        program.set("inner", number(k));
        program.set("columns", number(b.cols));
        program.set("stride", number(k));
        program.set("by_chunk", 0U);
        program.set("row_groups", 1U);
        program.run(groups(b.cols, kSide), groups(rows, kSide));
        receive(on_->result, out);
    });
}

void OpenGlCard::multiply_chunks(std::size_t rows, std::size_t k, MatrixView<const float> b,
                                 MatrixView<float> out) {
    thread_->run([&] {
        const std::size_t chunks = groups(rows, kChunkRows);
        const std::size_t row_groups = groups(k, kSide);
        send_rows(b, on_->right);
        on_->result.reserve(chunks * k * b.cols * sizeof(float));
        const GlProgram& program = on_->product;
        program.use();
        on_->ell.bind(0);
        on_->right.bind(1);
        on_->result.bind(2);
        program.set("rows", number(k));
        program.set("inner", number(rows));
        program.set("columns", number(b.cols));
        program.set("stride", number(k));
        program.set("by_chunk", number(kChunkRows));
        program.set("row_groups", number(row_groups));
        program.run(groups(b.cols, kSide), chunks * row_groups);
        receive(on_->result, out);
    });
}

void OpenGlCard::read_kernel(std::size_t rows, std::size_t k, MatrixView<float> out) {
    if (out.rows != rows || out.cols != k)
        fault("{} x {} log kernels into {} x {}", rows, k, out.rows, out.cols);
    thread_->run([&] { receive(on_->ell, out); });
}

}  // namespace hsa
