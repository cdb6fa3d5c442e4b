void main() {
    finish(f_ambient.rgb + f_sun.rgb * sunshine() + lamp_glow() * 0.35 * f_ambient.a);
}
