#include "engine/compute/cuda/launch.cuh"
#include "engine/compute/cuda/product.cuh"
#include "engine/compute/cuda/row_calls.h"

// What a loss of the outputs does to every log kernel: two products a block, of which g is made
// before it leaves the registers.
namespace hsa::cuda {
namespace {

__global__ void __launch_bounds__(kThreads* kThreads) slopes_block(SlopesOf of, float* g) {
    __shared__ Tile left;
    __shared__ Tile right;
    const std::size_t first_row = static_cast<std::size_t>(blockIdx.y) * kSide;
    const std::size_t first_splat = static_cast<std::size_t>(blockIdx.x) * kSide;
    Part asked = {};  // d_outputs . u
    add_rows_product(of.d_outputs, of.rows, first_row, of.u, of.splats, first_splat, of.columns,
                     left, right, asked);
    Part heard = {};  // values . b
    add_rows_product(of.values, of.rows, first_row, of.b, of.splats, first_splat, of.columns, left,
                     right, heard);
    for_part(first_row, of.rows, first_splat, of.splats,
             [&](int piece, int e, std::size_t row, std::size_t splat) {
                 const std::size_t place = row * of.splats + splat;
                 g[place] = of.p[place] * (asked[piece][e] - of.along[row]) +
                            of.k[place] * (heard[piece][e] + of.shift[splat]);
             });
}

}  // namespace

Problem slopes(const SlopesOf& of, float* g) {
    return launch(slopes_block, dim3(groups(of.splats, kSide), groups(of.rows, kSide)),
                  dim3(kThreads, kThreads), of, g);
}

}  // namespace hsa::cuda
