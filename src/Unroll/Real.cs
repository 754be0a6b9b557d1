// The number type of the library. The shipped build computes in single precision; the gradient tests compile
// the same sources with REAL64 defined, so that every derivative can be checked in double.
#if REAL64
global using Real = double;
global using RealMath = System.Math;
#else
global using Real = float;
global using RealMath = System.MathF;
#endif
