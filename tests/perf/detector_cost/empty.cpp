// Nothing: what remains is the start and the end.
int main() {}
