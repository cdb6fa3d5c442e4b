void main() {
    vec3 p = f_place.xyz;
    float fine = noise3(p * 14.0);
    float clump = noise3(p * 3.1);
    float near = clamp(1.3 - 0.016 / gl_FragCoord.w, 0.3, 1.0);
    // Light leaves before dark gaps: contrast that a smooth crown lacks.
    float leaf = 1.1 + ((fine - 0.5) * 1.5 + (clump - 0.5) * 0.9) * near;
    float depth = 0.55 + 0.8 * clump;
    finish(f_ambient.rgb * (leaf * depth) + f_sun.rgb * received() * leaf);
}
