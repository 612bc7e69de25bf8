#pragma once

#include "engine/compute/key_sums.h"
#include "engine/compute/row_passes.h"
#include "engine/compute/splat_columns.h"
#include "engine/core/matrix.h"
#include "engine/core/work.h"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace hsa {

// Tokens of one tile of the kernel products: fixed, so that results do not depend on block sizes. A
// chunk of sums is a whole number of tiles.
inline constexpr std::size_t kKernelTile = 128;

struct BackendInfo {
    std::string name;    // "cpu"
    std::string device;  // "AVX-512, 2 threads"
    std::uint64_t memory_bytes = 0;
    std::string note;                 // why another than the one asked for computes; or empty
    std::vector<std::string> on_cpu;  // of a card: what it leaves to the CPU, in words
};

// Below this float32 has too few digits for logits of P: whoever asked forms such rows anew.
inline constexpr float kFarLogit = -1e4F;

// Where the numbers are computed. Public functions check shapes; the do_ virtuals do the work.
// Three are required (info, bind, log_kernel); the rest have defaults built on them. An instance
// belongs to one thread at a time; its products run on the threads of core/parallel.h. Query and
// key sides are bound apart (form `paired`) and their log kernels are never mixed here. What only
// cards do is in RowPasses.
class Backend : public RowPasses {
  public:
    [[nodiscard]] BackendInfo info() const { return do_info(); }

    // Throws Error when shapes differ or a number breaks the rules of SplatColumns.
    [[nodiscard]] std::shared_ptr<const BoundSplats> bind(const SplatColumns& splats);

    // ell[i, s] for rows x [m, d]: out is [m, k], every entry finite and <= 0, at least -1e30.
    void log_kernel(const BoundSplats& splats, MatrixView<const float> x, MatrixView<float> out);

    // exp(ell) without leaving the range of float32, for tiles of kKernelTile rows of x [m, d]:
    // with t = i / kKernelTile, out[i, s] = exp(ell[i, s] - most[t, s]), most[t, s] the largest ell
    // of the tile, sums[t, s] = sum of out over the tile's rows (float64). most and sums are
    // [ceil(m / tile), k]. Where log_row_weight [m] is not empty it is added to ell first.
    void tile_exponentials(const BoundSplats& splats, MatrixView<const float> x,
                           std::span<const float> log_row_weight, MatrixView<float> out,
                           MatrixView<float> most, MatrixView<double> sums);

    // c_s = LSE_j ell_s(j) over all rows of x [n, d] (rows weighted by exp(log_row_weight[j]) when
    // that is not empty): [k], float64, the same bits for any number of threads.
    [[nodiscard]] std::vector<double> log_mass(const BoundSplats& splats, MatrixView<const float> x,
                                               std::span<const float> log_row_weight,
                                               const Work& work);

    // log_mass with the values of the keys [n, v]: what KeySums says, relative to each splat's
    // largest ell + log_row_weight. Nothing of [n, k] is kept.
    [[nodiscard]] KeySums key_sums(const BoundSplats& splats, MatrixView<const float> x,
                                   std::span<const float> log_row_weight,
                                   MatrixView<const float> values, const Work& work);

    // out[i, c] = sum_s P(s|i) means[s, c] with P(s|i) = softmax over the splats of all `parts` of
    // ell_s(x_i) + shift_s: [m, v], all parts with m rows. At least one splat is heard. A
    // background is a part without bound splats (one row of shift and means, ell = 0). Returns the
    // rows whose largest logit is below kFarLogit, rising: their outputs are not to be used.
    [[nodiscard]] std::vector<std::uint32_t> outputs(std::span<const QueryColumns> parts,
                                                     MatrixView<float> out, const Work& work);

    // Of every row the splats of `parts` with the largest ell + shift[column], ties to the lower
    // column: what BestColumns says. shift [columns]; -infinity: never chosen before one that is
    // heard. There are at least out.column.cols columns.
    void best_splats(std::span<const ScoredColumns> parts, std::span<const float> shift,
                     const BestColumns& out, const Work& work);

    // Cells of A = P K: out[i, j] = sum_s p[i, s] k[j, s] for p [m, c], k [w, c]. Where the time of
    // the work is over (Work::late), rows that are not begun are NaN, all but the first ones.
    void cells(MatrixView<const float> p, MatrixView<const float> k, MatrixView<float> out,
               const Work& work);

  private:
    [[nodiscard]] virtual BackendInfo do_info() const = 0;
    [[nodiscard]] virtual std::shared_ptr<const BoundSplats> do_bind(const SplatColumns&) = 0;
    virtual void do_log_kernel(const BoundSplats&, MatrixView<const float> x,
                               MatrixView<float> out) = 0;
    virtual void do_tile_exponentials(const BoundSplats&, MatrixView<const float> x,
                                      std::span<const float> log_row_weight, MatrixView<float> out,
                                      MatrixView<float> most, MatrixView<double> sums);
    virtual std::vector<double> do_log_mass(const BoundSplats&, MatrixView<const float> x,
                                            std::span<const float> log_row_weight, const Work&);
    virtual KeySums do_key_sums(const BoundSplats&, MatrixView<const float> x,
                                std::span<const float> log_row_weight,
                                MatrixView<const float> values, const Work&);
    virtual std::vector<std::uint32_t> do_outputs(std::span<const QueryColumns>,
                                                  MatrixView<float> out, const Work&);

  protected:  // what a card falls back on for some of them
    virtual void do_best_splats(std::span<const ScoredColumns>, std::span<const float> shift,
                                const BestColumns& out, const Work&);
    virtual void do_cells(MatrixView<const float> p, MatrixView<const float> k,
                          MatrixView<float> out, const Work&);
};

// What Backend::cells() says, by the CPU.
void cells_on_cpu(MatrixView<const float> p, MatrixView<const float> k, MatrixView<float> out,
                  const Work& work);

// The one list of backends, in the order `auto` tries them.
struct BackendEntry {
    std::string name;
    // Throws Error with why it cannot serve or, not asked for by its name, why another is better.
    std::function<std::unique_ptr<Backend>(bool by_name)> make;
};
[[nodiscard]] std::vector<BackendEntry> backends();

// The named backend, or the first that can be made for "auto", of `offered` (those that the engine
// does not link), then of backends(); each one passed over adds a sentence to `notes`. Throws Error
// listing the names when there is none of that name.
[[nodiscard]] std::unique_ptr<Backend> make_backend(const std::string& name,
                                                    std::vector<std::string>& notes,
                                                    std::span<const BackendEntry> offered = {});

}  // namespace hsa
