void main() {
    vec3 p = f_place.xyz;
    float stain = noise3(p * vec3(0.7, 0.7, 0.25)) - 0.5;
    vec3 wall = f_ambient.rgb * (1.0 + 0.25 * stain);
    finish(wall * (f_sun.rgb + view.sun_light.rgb * (f_ambient.a * sunshine()) + lamp_glow()));
}
