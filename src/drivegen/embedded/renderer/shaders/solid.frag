void main() {
    finish(f_ambient.rgb + f_sun.rgb * received());
}
