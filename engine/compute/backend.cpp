#include "engine/compute/backend.h"

#include "engine/compute/cpu/cpu_backend.h"
#include "engine/core/error.h"

#include <fmt/core.h>

namespace hsa {

std::shared_ptr<const BoundSplats> Backend::bind(const SplatColumns& splats) {
    const std::size_t k = splats.centre.rows;
    if (splats.variance.rows != k || splats.variance.cols != splats.centre.cols ||
        splats.beta.size() != k || splats.kind.size() != k || splats.shape.size() != k)
        fault("splats of different shapes were bound: {} centres, {} variances, {} betas", k,
              splats.variance.rows, splats.beta.size());
    if (!(splats.temperature > 0.0))
        fault("the temperature {} is not positive", splats.temperature);
    return do_bind(splats);
}

void Backend::log_kernel(const BoundSplats& splats, MatrixView<const float> x,
                         MatrixView<float> out) {
    if (x.cols != splats.dimension() || out.rows != x.rows || out.cols != splats.splats())
        fault("log kernel of {} x {} rows with splats of {} dimensions", x.rows, x.cols,
              splats.dimension());
    if (out.empty()) return;
    do_log_kernel(splats, x, out);
}

void Backend::tile_exponentials(const BoundSplats& splats, MatrixView<const float> x,
                                std::span<const float> log_row_weight, MatrixView<float> out,
                                MatrixView<float> most, MatrixView<double> sums) {
    const std::size_t tiles = (x.rows + kKernelTile - 1) / kKernelTile;
    const std::size_t k = splats.splats();
    if (x.cols != splats.dimension() || out.rows != x.rows || out.cols != k || most.rows != tiles ||
        most.cols != k || sums.rows != tiles || sums.cols != k)
        fault("exponentials of {} x {} rows with {} splats of {} dimensions into {} tiles", x.rows,
              x.cols, k, splats.dimension(), most.rows);
    if (!log_row_weight.empty() && log_row_weight.size() != x.rows)
        fault("{} row weights for {} rows", log_row_weight.size(), x.rows);
    if (out.empty()) return;
    do_tile_exponentials(splats, x, log_row_weight, out, most, sums);
}

std::vector<double> Backend::log_mass(const BoundSplats& splats, MatrixView<const float> x,
                                      std::span<const float> log_row_weight, const Work& work) {
    if (!log_row_weight.empty() && log_row_weight.size() != x.rows)
        fault("{} row weights for {} rows", log_row_weight.size(), x.rows);
    if (x.cols != splats.dimension())
        fault("log mass of rows of {} dimensions with splats of {}", x.cols, splats.dimension());
    return do_log_mass(splats, x, log_row_weight, work);
}

KeySums Backend::key_sums(const BoundSplats& splats, MatrixView<const float> x,
                          std::span<const float> log_row_weight, MatrixView<const float> values,
                          const Work& work) {
    if ((!log_row_weight.empty() && log_row_weight.size() != x.rows) ||
        x.cols != splats.dimension() || values.rows != x.rows)
        fault("sums over {} x {} keys with {} x {} values, {} row weights and splats of {}", x.rows,
              x.cols, values.rows, values.cols, log_row_weight.size(), splats.dimension());
    return do_key_sums(splats, x, log_row_weight, values, work);
}

std::vector<std::uint32_t> Backend::outputs(std::span<const QueryColumns> parts,
                                            MatrixView<float> out, const Work& work) {
    for (const QueryColumns& part : parts) {
        const std::size_t k = part.splats ? part.splats->splats() : 1;
        if (part.shift.size() != k || part.means.rows != k || part.means.cols != out.cols ||
            (part.splats && (part.x.rows != out.rows || part.x.cols != part.splats->dimension())))
            fault("outputs of {} x {} from {} splats with {} shifts and {} x {} means", out.rows,
                  out.cols, k, part.shift.size(), part.means.rows, part.means.cols);
    }
    if (out.rows == 0) return {};
    return do_outputs(parts, out, work);
}

void Backend::best_splats(std::span<const ScoredColumns> parts, std::span<const float> shift,
                          const BestColumns& out, const Work& work) {
    const std::size_t rows = out.column.rows;
    if (out.log_kernel.rows != rows || out.log_kernel.cols != out.column.cols ||
        (!out.log_total.empty() && out.log_total.size() != rows) || out.column.cols > shift.size())
        fault("the best {} of {} splats of {} rows into {} x {}", out.column.cols, shift.size(),
              rows, out.log_kernel.rows, out.log_kernel.cols);
    std::size_t columns = 0;
    for (const ScoredColumns& part : parts) {
        columns += part.column.size();
        if (part.column.size() != part.splats->splats() || part.x.rows != rows ||
            part.x.cols != part.splats->dimension() ||
            (!part.column.empty() && part.column.back() >= shift.size()))
            fault("{} x {} rows scored by {} splats of {} dimensions in {} columns", part.x.rows,
                  part.x.cols, part.splats->splats(), part.splats->dimension(), part.column.size());
    }
    if (columns != shift.size()) fault("{} splats in {} columns of scores", columns, shift.size());
    if (rows == 0 || shift.empty()) return;
    do_best_splats(parts, shift, out, work);
}

void Backend::cells(MatrixView<const float> p, MatrixView<const float> k, MatrixView<float> out,
                    const Work& work) {
    if (p.cols != k.cols || out.rows != p.rows || out.cols != k.rows)
        fault("cells of {} x {} and {} x {} into {} x {}", p.rows, p.cols, k.rows, k.cols, out.rows,
              out.cols);
    if (out.empty()) return;
    do_cells(p, k, out, work);
}

std::vector<BackendEntry> backends() {
    return {{"cpu", [](bool) { return make_cpu_backend(); }}};
}

std::unique_ptr<Backend> make_backend(const std::string& name, std::vector<std::string>& notes,
                                      std::span<const BackendEntry> offered) {
    std::vector<BackendEntry> all(offered.begin(), offered.end());
    for (const BackendEntry& entry : backends()) all.push_back(entry);
    std::string known;
    for (const BackendEntry& entry : all) {
        known += (known.empty() ? "" : ", ") + entry.name;
        if (name != "auto" && name != entry.name) continue;
        try {
            return entry.make(name == entry.name);
        } catch (const Error& reason) {
            if (name != "auto") throw;
            notes.push_back(fmt::format("{} was passed over: {}", entry.name, reason.what()));
        }
    }
    fail("There is no backend '{}' in this build: it has {}, or auto.", name, known);
}

}  // namespace hsa
