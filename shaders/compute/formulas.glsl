// The twin of engine/compute/formulas.h and of the exponential of engine/core: what every shader of
// this folder begins with.
#version 430 core

const float kLeastLogKernel = -1e30;

float held_log_kernel(double ell) {
    double not_above = min(ell, 0.0LF);
    return not_above > double(kLeastLogKernel) ? float(not_above) : kLeastLogKernel;
}

// exp of x <= 0 within 2e-7 of itself, whatever the driver's own is: x = n ln 2 + r, |r| <= ln 2 / 2,
// by Taylor's series of r to the seventh power; 0 below -87.
float exp_of(float x) {
    if (!(x > -87.0)) return 0.0;
    precise float n = floor(x * 1.44269504 + 0.5);
    precise float r = x - n * 0.693359375;
    r = r + n * 2.12194440e-4;
    precise float e = 1.0 / 5040.0;
    e = e * r + 1.0 / 720.0;
    e = e * r + 1.0 / 120.0;
    e = e * r + 1.0 / 24.0;
    e = e * r + 1.0 / 6.0;
    e = e * r + 0.5;
    e = e * r + 1.0;
    e = e * r + 1.0;
    return ldexp(e, int(n));
}
