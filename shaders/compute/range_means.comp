// Of each range of rows [n, columns] (three numbers: begin, end, count) the sum over its count, in
// the chosen columns: whole tiles from the sums before each, what is left at both ends from the
// rows, in float64.
layout(local_size_x = 64) in;
layout(std430, binding = 0) readonly buffer Rows { float x[]; };          // [n, columns]
layout(std430, binding = 1) readonly buffer Befores { double before[]; };  // [tiles + 1, columns]
layout(std430, binding = 2) readonly buffer Ranges { uint range[]; };      // [ranges, 3]
layout(std430, binding = 3) readonly buffer Chosen { uint chosen[]; };     // [width]
layout(std430, binding = 4) writeonly buffer Means { float mean[]; };      // [ranges, width]
uniform uint columns;
uniform uint tile;
uniform uint width;

double sum_of(uint from, uint to, uint column) {
    double sum = 0.0LF;
    for (uint i = from; i < to; ++i) sum += double(x[i * columns + column]);
    return sum;
}

void main() {
    uint at = gl_GlobalInvocationID.x;
    uint own = gl_WorkGroupID.y;
    if (at >= width) return;
    uint column = chosen[at];
    uint begin = range[3u * own];
    uint end = range[3u * own + 1u];
    uint first = (begin + tile - 1u) / tile;
    uint last = end / tile;
    double sum = 0.0LF;
    if (last <= first) {
        sum = sum_of(begin, end, column);
    } else {
        sum = sum_of(begin, first * tile, column);
        sum += before[last * columns + column] - before[first * columns + column];
        sum += sum_of(last * tile, end, column);
    }
    mean[own * width + at] = float(sum * (1.0LF / double(range[3u * own + 2u])));
}
