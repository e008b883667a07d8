return L.Base;
